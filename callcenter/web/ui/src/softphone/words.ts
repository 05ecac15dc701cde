// What people read of the telephone, Chinese first.
const zh = {
  phone: {
    title: "话机", line: "通话",
    status: { off: "正在启动…", elsewhere: "在另一窗口", taken: "在另一台电脑", connecting: "连接中…", registered: "已注册", blocked: "连不上", refused: "被拒绝" },
    sip: "桌面话机 {seat}", sip_hint: "接听、保持、转接请在话机上操作；三方通话、紧急联动可在此进行。",
    elsewhere: "本浏览器的另一个窗口正在当话机，这里不会响铃。", take_over: "改用本窗口", taken: "本坐席的话机已在另一台电脑上登记，这里不会再响铃。请先确认那里没有人在用，再改用本窗口。", stays: "正在进行的通话留在本窗口，直到挂断。", in_call: "那个窗口正在通话，请在那里结束后再换。",
    trying: "系统会一直自动重试。", open: "打开该地址", key_trouble: "话机提示：照按钮办",
    blocked: {
      offline: "这台电脑没有网络。请检查网线或无线网络。",
      house: "连不上话机服务 {host}，坐席系统也没有回应。请检查网线或无线网络；网络正常就请联系管理员。",
      plain: "话机服务的地址 {host} 没有加密，浏览器不会从加密页面去连它。请管理员在设置 [phones] 中把 url 改为 wss:// 开头，并配好 tls_cert 和 tls_key。",
      way: "网络正常，但连不上话机服务 {host}。请点“打开该地址”看一看：出现证书警告，请管理员给本机装上证书（或临时点“继续前往”）；显示“Upgrade Required”，路是通的，请点“重试”；什么都打不开，请网管放行到该地址和端口的连接（wss），仍不行请管理员核对设置 [phones] 中的 url。其间可暂用桌面话机。",
    },
    passed_on: {
      waiting: "刚才的通话断了：市民已回到队首，等下一个空闲坐席。", seat: "刚才的通话断了：市民已转由坐席 {seat} 接听。", gone: "电脑休眠或断网期间，刚才的通话已结束。",
    },
    known: "知道了",
    refused: "话机服务拒绝了本坐席的登记。请点“重试”；仍不行请管理员核对坐席的话机密码。", retry: "重试",
    mic: {
      insecure: "浏览器只在加密页面（https）上给麦克风。请用 https 地址打开本页。",
      denied: "浏览器没有放行麦克风。请点地址栏左侧的图标，把“麦克风”改为“允许”，再点“重试”。",
      none: "没有找到麦克风。请插好耳机，等系统认出后点“重试”。",
      busy: "麦克风打不开，可能被别的程序占用。请关闭那个程序，再点“重试”。",
    },
    unheard: "对方现在听不到您。", mic_now: "现在使用的麦克风：{name}", ring: "铃声", as_output: "与扬声器相同", try_ring: "试铃",
    states: { ringing: "来电响铃", calling: "正在呼叫", talking: "通话中", held: "已保持", ended: "已结束" },
    rings: "{who} 来电，按 c 接听", rings_elsewhere: "{who} 来电，请回到坐席台接听（1）", lost: "线路中断，正在恢复；若不恢复，系统会把来电人重新接进来。", muted: "已静音",
    answer: "接听", hang_up: "挂断", decline: "不接", hold: "保持", unhold: "取回", mute: "静音", unmute: "取消静音", keys: "拨号键盘", pressed: "已按",
    citizen: "市民", beside: "会商与检测", transfer: "转接会商", find: "坐席号或部门", consult: "先咨询", hand_on: "直接转", third: "三方", nobody: "此刻没有空闲的坐席，也没有这样的部门。",
    not_handed: "没有转成，通话还在您这里。", swap: "切换", finish: "转给对方", emergency: "紧急联动",
    emergency_hint: "所选部门会接进当前通话；对方接听后您可以挂断，市民留在线上与其通话。", services: { "110": "公安", "119": "消防", "120": "急救", "122": "交通事故" },
    not_known: "灰色的号码不在本中心的部门名录里，请管理员在设置 [departments] 中加入。",
    thirds: { asked: "正在呼叫 {who}…", here: "三方通话中：{who}", unreached: "{who} 没有接通" },
    check: "话机检测", input: "麦克风", output: "扬声器", as_system: "跟随系统", level: "音量（请说句话）", check_hint: "检测时话机会自动接通：听到提示后说几句话，您会听到自己的声音。",
    measuring: "正在检测：请说几句话，约需 15 秒…", check_start: "开始检测", check_again: "再测一次", go_on: "不检测，直接上线", rings_for_check: "话机将响铃：请接听，并说几句话。",
    good: "线路良好，可以上线。", figures: "丢包 {loss}%，抖动 {jitter} 毫秒，往返时延 {delay} 毫秒。",
    not_heard: "没有听到您的声音：请检查耳机上的静音键，换一个麦克风再测。", bad_line: "请改用网线，关闭占用网络的程序，再测一次；仍不行请联系网管，暂用桌面话机。",
    failed: { no_answer: "话机没有接听：请保持本窗口打开，再测一次。", unreachable: "话机不在线：等“已注册”后再测。", hung_up: "检测中途断开：请检查网络后再测。" },
  },
};

const en: typeof zh = {
  phone: {
    title: "Telephone", line: "Call",
    status: { off: "starting…", elsewhere: "in another window", taken: "on another computer", connecting: "connecting…", registered: "registered", blocked: "no connection", refused: "refused" },
    sip: "Desk telephone {seat}", sip_hint: "Answer, hold and transfer on the telephone itself; a third and the emergency services join from here.",
    elsewhere: "Another window of this browser is the telephone; nothing rings here.", take_over: "Use this window", taken: "This seat's telephone is registered on another computer; nothing rings here any more. Make sure that nobody uses it there before you use this window.", stays: "The call that is on stays in this window until it ends.", in_call: "That window has a call: end it there first.",
    trying: "It is tried again all the time.", open: "Open that address", key_trouble: "What the telephone asks for",
    blocked: {
      offline: "This computer has no network. Check the cable or the wireless network.",
      house: "The telephone service {host} cannot be reached, nor does the house answer. Check the cable or the wireless network; if it is fine, tell the administrator.",
      plain: "The address of the telephone service, {host}, is not encrypted, and browsers do not connect to it from an encrypted page. An administrator should set url in [phones] to one that begins with wss://, and give it tls_cert and tls_key.",
      way: "The network is there, but the telephone service {host} cannot be reached. Press “Open that address” and look: a warning about a certificate means that an administrator must install it on this computer (or, for now, that you go on); “Upgrade Required” means that the way is open: try again; if nothing opens, the network's administrator must let connections to this address and port pass (wss), or url in [phones] is wrong. Meanwhile you may use a desk telephone.",
    },
    passed_on: {
      waiting: "The talk broke off: the citizen is first in the line again, for the next free seat.", seat: "The talk broke off: the citizen is with seat {seat} now.", gone: "The talk ended while this computer slept or had no network.",
    },
    known: "Noted",
    refused: "The telephone service refused this seat. Press “Try again”; if that does not help, an administrator should check the seat's password.", retry: "Try again",
    mic: {
      insecure: "Browsers give the microphone to encrypted pages only. Open this page by its https address.",
      denied: "The browser does not allow the microphone. Click the icon left of the address, set “Microphone” to “Allow”, then press “Try again”.",
      none: "No microphone was found. Plug the headset in, wait a moment, then press “Try again”.",
      busy: "The microphone does not open; another program may hold it. Close that program, then press “Try again”.",
    },
    unheard: "The other side does not hear you now.", mic_now: "Microphone in use now: {name}", ring: "Ring", as_output: "As the loudspeaker", try_ring: "Try the ring",
    states: { ringing: "rings", calling: "calling", talking: "talking", held: "on hold", ended: "ended" },
    rings: "{who} calls: answer with c", rings_elsewhere: "{who} calls: answer at your desk (1)", lost: "The line is interrupted and may come back; if not, the caller is brought back to you or a colleague.", muted: "muted",
    answer: "Answer", hang_up: "Hang up", decline: "Decline", hold: "Hold", unhold: "Take back", mute: "Mute", unmute: "Unmute", keys: "Keypad", pressed: "Pressed",
    citizen: "Citizen", beside: "Colleagues and check", transfer: "Transfer, ask", find: "Seat or department", consult: "Ask first", hand_on: "Hand over", third: "Join", nobody: "No colleague is free now, and no department is called so.",
    not_handed: "Not handed over: the call is still yours.", swap: "Swap", finish: "Hand over to him", emergency: "Emergency",
    emergency_hint: "The service joins this talk; once it has picked up you may hang up, and the citizen stays with it.", services: { "110": "police", "119": "fire", "120": "ambulance", "122": "traffic accident" },
    not_known: "Grey numbers are not in the house's directory; an administrator can add them to [departments] of the settings.",
    thirds: { asked: "calling {who}…", here: "in the talk: {who}", unreached: "{who} could not be reached" },
    check: "Phone check", input: "Microphone", output: "Loudspeaker", as_system: "As the system", level: "Loudness (say something)", check_hint: "The phone answers by itself: speak after the prompt, and you will hear yourself.",
    measuring: "Measuring: say a few words, it takes about 15 seconds…", check_start: "Start", check_again: "Measure again", go_on: "Go on without", rings_for_check: "The telephone will ring: answer, and say a few words.",
    good: "The line is good: you may go ready.", figures: "Loss {loss} %, jitter {jitter} ms, there and back {delay} ms.",
    not_heard: "Nothing was heard of you: look for a mute switch at the headset, or choose another microphone, and measure again.", bad_line: "Use a cable, close what else fills the network, measure again; if that does not help, tell the network's administrator and use a desk telephone.",
    failed: { no_answer: "The phone did not answer: keep this window open and measure again.", unreachable: "The phone is not there: wait until it is registered.", hung_up: "It broke off: check the network and measure again." },
  },
};

export const softphone = { zh, en };
