// What people read about help from elsewhere, Chinese first.
const zh = {
  help: {
    cloud: "云坐席", proven: "{n} 个已验证", people: "可邀请 {n} 人 · 意愿约 {share}", modes: { automatic: "自动邀请", proposed: "邀请须批准" }, ringing: "{n} 部电话正在振铃",
    running: "本次邀请 {wanted} 个：第 {round} 轮，已应 {coming} / {target}，{next} 后下一轮", call_off: "取消邀请", proposal: "建议邀请 {n} 个云坐席", apply: "批准", decline: "不采纳",
    seats: "邀请几个", preview: "先看效果", invite: "邀请", invite_n: "邀请 {n} 个云坐席", number: "选邀请人数",
    seat: "坐席", who: "人员", state: "状态", since: "时长", line: "线路检测", until: "帮到", actions: "操作",
    states: { idle: "未启用", invited: "邀请中", accepted: "已应邀，等话机", checking: "检测中", proven: "已验证", refused: "未通过", withdrawn: "已撤回", locked: "已锁定" },
    measured: "丢包 {loss} · 抖动 {jitter} ms · 往返 {rtt} ms", not_measured: "未测出：{why}", failed: { no_answer: "无人接听", unreachable: "话机不在线", hung_up: "提前挂机" },
    no_voice: "没有听到声音", leaves: "通话后离开", offline: "话机不在线",
    withdraw: "撤回", lock: "锁定", unlock: "解锁", check: "重新检测", link: "生成链接", of: "{what}：{seat}",
    link_of: "坐席 {seat} 的链接", once: "只显示这一次，只能用一次，{until} 前有效。请发给本人。",
    members: "可邀请的人", nobody: "还没有登记可邀请的人。", staff_no: "工号", name: "姓名", phone: "电话", own_seat: "指定坐席", any: "不限", can_be_rung: "可拨打", keep: "登记", kept: "已登记 {name}。",
  },
  city: {
    title: "城际协作", none: "没有协作城市。", with: "{name}", running: "协作中", paused: "已暂停", pause: "暂停协作", resume: "恢复协作", trouble: "对方暂不可用：{why}",
    there: "我方市民在对方", here: "对方市民在我方", asked: "求助", accepted: "接受", answered: "接通", came_back: "回到本市队首", given_back: "交还", arrived: "到达", moving: "转接中", ringing: "振铃", talking: "通话",
    reserve: "预留坐席 {n} · 最多同时帮 {max} 人 · 现在还能接 {free} 人", declined: "谢绝：{reasons}", now: "现在", today: "今日指标", give_back: "交还", give_back_call: "把 {contact} 交还对方", nobody: "没有对方的来电。", contact: "来电编号",
    key: "暂停或恢复协作",
  },
};

const en: typeof zh = {
  help: {
    cloud: "Cloud seats", proven: "{n} proven", people: "{n} may be invited · about {share} come", modes: { automatic: "invited automatically", proposed: "invitations need approval" }, ringing: "{n} telephones ring",
    running: "Calling for {wanted}: round {round}, {coming} of {target} coming, next round in {next}", call_off: "Call off", proposal: "Proposed: invite {n} cloud seats", apply: "Approve", decline: "Decline",
    seats: "How many", preview: "Preview", invite: "Invite", invite_n: "Invite {n} cloud seats", number: "How many to invite",
    seat: "Seat", who: "Who", state: "State", since: "For", line: "Line check", until: "Until", actions: "Actions",
    states: { idle: "idle", invited: "invited", accepted: "accepted, waiting for the phone", checking: "being checked", proven: "proven", refused: "refused", withdrawn: "withdrawn", locked: "locked" },
    measured: "loss {loss} · jitter {jitter} ms · round trip {rtt} ms", not_measured: "not measured: {why}", failed: { no_answer: "nobody answered", unreachable: "phone is off line", hung_up: "hung up early" },
    no_voice: "no voice was heard", leaves: "leaves after the call", offline: "phone is off line",
    withdraw: "Withdraw", lock: "Lock", unlock: "Unlock", check: "Check again", link: "Make a link", of: "{what}: {seat}",
    link_of: "Link of seat {seat}", once: "Shown once, good once, until {until}. Send it to its owner.",
    members: "Who may be invited", nobody: "Nobody is written down yet.", staff_no: "Staff no.", name: "Name", phone: "Telephone", own_seat: "Seat", any: "any", can_be_rung: "can be rung", keep: "Keep", kept: "{name} is kept.",
  },
  city: {
    title: "Partner city", none: "There is no partner city.", with: "{name}", running: "working", paused: "paused", pause: "Pause", resume: "Resume", trouble: "The partner is not used now: {why}",
    there: "Our callers there", here: "Their callers here", asked: "asked", accepted: "accepted", answered: "answered", came_back: "back at the head of our line", given_back: "given back", arrived: "arrived", moving: "on the way", ringing: "ringing", talking: "talking",
    reserve: "{n} seats kept free · at most {max} helped at once · {free} more could come now", declined: "declined: {reasons}", now: "now", today: "Figures of today", give_back: "Give back", give_back_call: "Give {contact} back", nobody: "None of their callers is here.", contact: "Contact",
    key: "Pause or resume mutual aid",
  },
};

export const support = { zh, en };
