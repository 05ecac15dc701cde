export const zh = {
  title: "12345 热线",
  other_language: "English",
  theme: { auto: "跟随系统", light: "浅色", dark: "深色", label: "外观" },
  keys: { title: "快捷键", close: "关闭", help: "快捷键一览" },
  link: { connecting: "连接中…", live: "实时", lost: "已断开" },
  stale: "数据停在 {at}，正在重新连接；电话不受影响。",
  session: {
    sign_in: "登录", sign_out: "退出", name: "账号", secret: "密码",
    first_hint: "首次登录：账号 admin，一次性密码见 callcenter up 的输出。",
    again: "登录已过期。请重新登录，页面内容都还在。",
    must_change: "正在使用一次性密码，请尽快修改。",
    change: "修改密码", old: "现在的密码", new: "新密码（至少 12 位）", changed: "密码已修改。",
    roles: { admin: "管理员", shift_manager: "值班长", team_leader: "组长", qa_reviewer: "质检员", agent: "话务员", auditor: "审计员" },
  },
  common: { cancel: "取消", save: "保存", apply: "执行", undo: "撤销", why: "原因（记入审计）", failed: "未成功：{told}", none: "—", of: "{a} / {b}" },
  nav: { label: "页面", board: "值班看板", owed: "漏话与回拨" },
  day: { title: "今日分时来电", expected: "预测", came: "来电", answered: "接通" },
  notice: {
    title: "热点公告", none: "没有公告", text: "写一行，二十秒内播出", hours: "有效时间", for_hours: "{n} 小时", on_air: "播出", speaking: "合成中…",
    put: "公告已播出。", until: "至 {at}", counted: "听到 {heard} 人，满意挂机 {satisfied} 人，其中再次来电 {again} 人", silent: "当前级别不播公告", withdraw: "撤下",
  },
  owed: {
    title: "漏话与回拨", states: { open: "待办", closed: "已结" }, all: "全部来源", ground: "来源", made: "登记时间", due: "下次回拨 / 结果", attempts: "来电次数",
    tries: "已拨", ticket: "工单", nothing: "没有待办。", at_work: "办理中", by_hand: "须人工", close: "人工结案", later: "推迟 {n} 分钟",
    endings: { kept: "已回拨", answered: "已接通", self_resolved: "自助解决", unreached: "未联系上", expired: "已过期", by_hand: "人工结案" },
  },
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
  errors: {
    wrong_credentials: "账号或密码不对", too_many_tries: "尝试次数过多，请稍后再试", weak_password: "新密码太容易猜，请换一个",
    unreachable: "服务没有应答", forbidden: "没有权限", no_reason: "请写明原因", nothing_to_undo: "没有可撤销的切换", not_signed_in: "请先登录",
  },
};

export type Words = typeof zh;
