// What people read of the telephone, Chinese first.
const zh = {
  phone: {
    title: "话机", line: "通话",
    status: { off: "正在启动…", elsewhere: "在另一窗口", connecting: "连接中…", registered: "已注册", blocked: "连不上", refused: "被拒绝" },
    sip: "桌面话机 {seat}", sip_hint: "接听、保持、转接请在话机上操作；三方通话、紧急联动可在此进行。",
    elsewhere: "本浏览器的另一个窗口正在当话机，这里不会响铃。", take_over: "改用本窗口", in_call: "那个窗口正在通话，请在那里结束后再换。",
    blocked: "连不上话机服务 {host}。请检查网线或无线网络；若别的网页正常，请让网管放行到该地址的加密连接（wss），或暂用桌面话机。系统会一直自动重试。",
    refused: "话机服务拒绝了本坐席的登记。请点“重试”；仍不行请管理员核对坐席的话机密码。", retry: "重试", unregistered: "系统看不到这部话机，正在重新登记…",
    mic: {
      insecure: "浏览器只在加密页面（https）上给麦克风。请用 https 地址打开本页。",
      denied: "浏览器没有放行麦克风。请点地址栏左侧的图标，把“麦克风”改为“允许”，再点“重试”。",
      none: "没有找到麦克风。请插好耳机，等系统认出后点“重试”。",
      busy: "麦克风打不开，可能被别的程序占用。请关闭那个程序，再点“重试”。",
    },
    states: { ringing: "来电响铃", calling: "正在呼叫", talking: "通话中", held: "已保持", ended: "已结束" },
    rings: "{who} 来电，按 c 接听", lost: "线路中断，正在恢复；若不恢复，系统会把来电人重新接进来。", muted: "已静音",
    answer: "接听", hang_up: "挂断", decline: "不接", hold: "保持", unhold: "取回", mute: "静音", unmute: "取消静音", keys: "拨号键盘", pressed: "已按",
  },
};

const en: typeof zh = {
  phone: {
    title: "Telephone", line: "Call",
    status: { off: "starting…", elsewhere: "in another window", connecting: "connecting…", registered: "registered", blocked: "no connection", refused: "refused" },
    sip: "Desk telephone {seat}", sip_hint: "Answer, hold and transfer on the telephone itself; a third and the emergency services join from here.",
    elsewhere: "Another window of this browser is the telephone; nothing rings here.", take_over: "Use this window", in_call: "That window has a call: end it there first.",
    blocked: "The telephone service {host} cannot be reached. Check the cable or the wireless network; if other pages open, ask the network's administrator to let encrypted connections (wss) to it pass, or use a desk telephone. It is tried again all the time.",
    refused: "The telephone service refused this seat. Press “Try again”; if that does not help, an administrator should check the seat's password.", retry: "Try again", unregistered: "The house does not see this telephone; registering again…",
    mic: {
      insecure: "Browsers give the microphone to encrypted pages only. Open this page by its https address.",
      denied: "The browser does not allow the microphone. Click the icon left of the address, set “Microphone” to “Allow”, then press “Try again”.",
      none: "No microphone was found. Plug the headset in, wait a moment, then press “Try again”.",
      busy: "The microphone does not open; another program may hold it. Close that program, then press “Try again”.",
    },
    states: { ringing: "rings", calling: "calling", talking: "talking", held: "on hold", ended: "ended" },
    rings: "{who} calls: answer with c", lost: "The line is interrupted and may come back; if not, the caller is brought back to you or a colleague.", muted: "muted",
    answer: "Answer", hang_up: "Hang up", decline: "Decline", hold: "Hold", unhold: "Take back", mute: "Mute", unmute: "Unmute", keys: "Keypad", pressed: "Pressed",
  },
};

export const softphone = { zh, en };
