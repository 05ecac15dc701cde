// What people read at these pages, Chinese first.
const zh = {
  board: {
    waiting: "排队", longest: "最长等待", estimate: "预计等待", load: "负荷", staffed: "在岗坐席", free: "空闲坐席", owed: "待回电",
    seats: "坐席", cloud: "云坐席", calls: "当前来电", queues: "队列", parts: "系统",
    nobody: "没有来电", all_off: "都未签入",
    since: "{time}", wish: "通话后：{what}",
    contact: "来电编号", citizen: "号码", state: "状态", queue: "队列", seat: "坐席", time: "时长",
    level: "高峰级别", levels: ["平时", "关注", "高峰", "过载"], declared: "人工宣布", automatic: "自动",
    proposal: "建议切换到“{level}”", switch_to: "切换到“{level}”", hand_back: "恢复自动", undo_switch: "撤销上次切换",
    grounds: { missed: "漏话", accepted: "预约", message: "留言" },
    seat_states: { off: "签出", ready: "示闲", ringing: "振铃", dialing: "回拨", talking: "通话", wrap_up: "整理", on_break: "小休", unreachable: "失联" },
    call_states: { arrived: "接入", waiting: "排队", ringing: "振铃", talking: "通话", talked: "已通话", leaving: "离开", ended: "结束" },
    part_states: { up: "正常", degraded: "降级", down: "故障" },
    reasons: { wrap_up: "话后整理", rang_out: "多次未接", rest: "休息", callback: "回拨", break: "小休" },
    wishes: { login: "签入", ready: "示闲", break: "小休", logout: "签出" },
  },
  owed: {
    title: "漏话与回拨", states: { open: "待办", closed: "已结" }, all: "全部来源", ground: "来源", made: "登记时间", due: "下次回拨 / 结果", attempts: "来电次数",
    tries: "已拨", ticket: "工单", nothing: "没有待办。", at_work: "办理中", by_hand: "须人工", close: "人工结案", later: "推迟 {n} 分钟",
    endings: { kept: "已回拨", answered: "已接通", self_resolved: "自助解决", unreached: "未联系上", expired: "已过期", by_hand: "人工结案" },
  },
  day: { title: "今日分时来电", expected: "预测", came: "来电", answered: "接通" },
  notice: {
    title: "热点公告", none: "没有公告", text: "写一行，二十秒内播出", hours: "有效时间", for_hours: "{n} 小时", on_air: "播出", speaking: "合成中…",
    put: "公告已播出。", until: "至 {at}", counted: "听到 {heard} 人，满意挂机 {satisfied} 人，其中再次来电 {again} 人", silent: "当前级别不播公告", withdraw: "撤下",
  },
};

const en: typeof zh = {
  board: {
    waiting: "Waiting", longest: "Longest wait", estimate: "Expected wait", load: "Load", staffed: "Staffed seats", free: "Free seats", owed: "Calls owed",
    seats: "Seats", cloud: "Cloud seats", calls: "Calls now", queues: "Queues", parts: "System",
    nobody: "No calls", all_off: "nobody is logged in",
    since: "{time}", wish: "after the call: {what}",
    contact: "Contact", citizen: "Number", state: "State", queue: "Queue", seat: "Seat", time: "Time",
    level: "Surge level", levels: ["normal", "watch", "high", "overload"], declared: "declared", automatic: "automatic",
    proposal: "Proposed: switch to “{level}”", switch_to: "Switch to “{level}”", hand_back: "Back to automatic", undo_switch: "Undo the last switch",
    grounds: { missed: "missed", accepted: "promised", message: "message" },
    seat_states: { off: "off", ready: "ready", ringing: "ringing", dialing: "calling back", talking: "talking", wrap_up: "wrap-up", on_break: "break", unreachable: "unreachable" },
    call_states: { arrived: "arriving", waiting: "waiting", ringing: "ringing", talking: "talking", talked: "talked", leaving: "leaving", ended: "ended" },
    part_states: { up: "up", degraded: "degraded", down: "down" },
    reasons: { wrap_up: "after-call work", rang_out: "did not answer", rest: "rest", callback: "call-back", break: "break" },
    wishes: { login: "log in", ready: "ready", break: "break", logout: "log out" },
  },
  owed: {
    title: "Missed calls and call-backs", states: { open: "Open", closed: "Closed" }, all: "All grounds", ground: "Ground", made: "Since", due: "Next dial / ending", attempts: "Attempts",
    tries: "Dialed", ticket: "Ticket", nothing: "Nothing is owed.", at_work: "at work", by_hand: "by hand only", close: "Close by hand", later: "Put off by {n} minutes",
    endings: { kept: "called back", answered: "answered", self_resolved: "helped himself", unreached: "not reached", expired: "expired", by_hand: "closed by hand" },
  },
  day: { title: "Today hour by hour", expected: "expected", came: "calls", answered: "answered" },
  notice: {
    title: "Hot-topic notice", none: "No notice", text: "One line of Chinese, on air within twenty seconds", hours: "Valid for", for_hours: "{n} h", on_air: "On air", speaking: "speaking…",
    put: "The notice is on air.", until: "until {at}", counted: "heard by {heard}, {satisfied} hung up content, {again} of them called again", silent: "not played at this level", withdraw: "Withdraw",
  },
};

export const manager = { zh, en };
