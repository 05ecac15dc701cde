// What people read at these pages, Chinese first.
import { roomKeys } from "./keyWords";
import { prompts } from "./promptWords";

const zh = {
  house: {
    label: "设置",
    rooms: { accounts: "账号", settings: "参数", seats: "坐席与技能组", flows: "来电流程", prompts: "提示音", notices: "热点公告", calendar: "日历", departments: "部门", duty: "排班", roles: "角色权限", sessions: "登录中", audit: "审计" },
  },
  accounts: {
    title: "账号", role: "角色", make: "新建账号", codes: "动态口令", bound: "已绑定", state: "状态", disabled: "停用", one_time: "待改密码", active: "正常", enable: "启用", disable: "停用",
    reset: "重置密码", change: "修改账号 {name}", told: "{name} 的一次性密码", once: "只显示这一次，请当面交给本人；首次登录须修改。",
  },
  places: { title: "坐席", hint: "勾选技能组：该队列先振铃这些坐席；都不勾就是一视同仁。坐席归谁，在“账号”里改。", kind: "类型", phone: "话机", state: "状态", people: "人员", here: "在位", unreachable: "未注册", move: "{seat} 的技能组：{skills}", all: "全部", kinds: { on_site: "现场", cloud: "云坐席" }, phones: { browser: "浏览器", sip: "SIP 话机" } },
  flows: { title: "来电流程", name: "流程", heading: "名称", steps: "步数", version: "版本", nth: "第 {n} 版", file: "文件", picture: "{name}的流程图", text: "文本（TOML）", check: "检查", good: "没有错误，可以发布。", publish: "发布", publish_what: "发布流程 {name}", published: "已发布，新来电即用。", versions: "发布记录", take: "取回这一版" },
  prompts: prompts.zh,
  room_keys: roomKeys.zh,
  notices: { title: "公告记录", nothing: "还没有播过公告。", text: "内容", until: "止于", state: "状态", effect: "效果", states: { on_air: "播放中", expired: "到期", withdrawn: "已撤下" } },
  calendar: { title: "{year} 年特殊日", covered: "调休已知", uncovered: "国务院通知未知：只有法定节假日", before: "上一年", after: "下一年", day: "日期", kind: "类型", name: "名称", added: "本市另加", known: "国家", kinds: { holiday: "节假日", shifted_workday: "调休上班" }, add: { "calendar.holidays": "另加节假日…", "calendar.workdays": "另加调休上班日…", "menus.holidays": "节假日流程日期…" } },
  departments: { title: "部门名录", hint: "可以拉入通话的部门，在 callcenter.toml 的 [departments] 里维护，重启后生效。", name: "部门", number: "号码", none: "还没有部门。" },
  roles: {
    title: "角色与权限", fixed: "角色的权限写在程序里，不能在页面上修改；给人换角色请到“账号”。", permission: "权限", yes: "有", no: "无",
    permissions: {
      signed_in: "登录后即可", "board.read": "看看板", "contact.read": "看台账", "ticket.read": "看工单", "event.read": "收事件流", "seat.ask_own": "操作本人坐席", "seat.ask_any": "操作任何坐席",
      "surge.steer": "切换预案、插队、公告、流程", "message.review": "处理留言", "ticket.work": "办理工单", "recording.listen": "听录音", "call.beside": "监听、耳语、介入", "recording.download": "下载录音", "personal.unmask": "显示完整号码",
      "quality.read": "看质检", "quality.read_own": "看本人质检", "quality.review": "质检评分", "quality.answer": "申诉", "quality.plan": "质检计划与裁定", "transcript.redo": "重新转写",
      "vault.read": "看录音保全", "vault.verify": "校验录音", "vault.hold": "录音封存", "ledger.check": "核对台账", "audit.read": "看审计", "house.read": "看设置", "house.settings": "改设置", "house.administer": "管理账号",
    },
  },
  sessions: {
    title: "登录中的会话", everybody: "所有人的", since: "登录时间", until: "到期", address: "来自", program: "浏览器", here: "本机", end: "结束", end_of: "结束 {name} 的会话", ended: "{name} 的会话已结束。",
  },
  settings: {
    live: "运行中可改", live_hint: "保存后立即生效，不用重启；每次修改都记下谁、何时、原值、新值和原因。左侧有色条的与配置文件不同。", fixed: "启动时读取", fixed_hint: "在 callcenter.toml 或环境变量里修改，重启后生效。口令和密钥不显示。", search: "查找设置", what: "设置", value: "值", configured: "配置值", as_configured: "（按配置）", changed: "页面修改", by: "{by}，{at}", change: "修改", origin: "来自", bounds: "{low} 至 {high}", reset: "恢复配置值", done: "已生效。", undone: "已撤销。", history: "修改记录", old_new: "原值 → 新值", undo: "撤销修改：{what}",
    origins: { default: "默认", page: "页面" },
    names: {
      "surge.offer_ewt_s": "预计等待超过多少秒开始提供回拨和留言", "surge.reoffer_after_s": "排队多少秒后再次提供回拨", "surge.watch.enter": "“关注”进入负荷", "surge.watch.leave": "“关注”退出负荷", "surge.high.enter": "“高峰”进入负荷", "surge.high.leave": "“高峰”退出负荷", "surge.overload.enter": "“过载”进入负荷", "surge.overload.leave": "“过载”退出负荷",
      "line.wrap_up_s": "话后处理时长（秒）", "surge.high.wrap_up_cap_s": "“高峰”话后上限（秒，0 不限）", "surge.overload.wrap_up_cap_s": "“过载”话后上限（秒，0 不限）", "rest.occupancy_limit": "负荷率超过多少强制休息", "rest.rest_s": "强制休息时长（秒）", "rest.abuse_rest_s": "遭辱骂后休息（秒）",
      "callback.from_hour": "回拨开始钟点", "callback.to_hour": "回拨结束钟点", "callback.max_tries": "回拨最多次数", "callback.retry_gap_s": "两次回拨间隔（秒）", "menus.night": "夜间流程时段（如 22:00-07:00，空为无）", "menus.holidays": "节假日流程日期（每行一天）", "calendar.holidays": "另加的节假日（每行一段）", "calendar.workdays": "另加的调休上班日（每行一段）",
    },
  },
  audit: {
    title: "审计", prove: "校验审计链", whole: "完整：{n} 条，链尾", broken: "第 {at} 条与前面不符：此前 {n} 条完整", kind: "类别", any: "全部", by: "谁", of: "对象", from: "从", until: "到", look: "查询", at: "时间", what: "做了什么", why: "原因", newer: "较新", older: "较早",
    kinds: { session: "登录", call: "监听", account: "账号", password: "密码", number: "显示号码", recording: "录音", settings: "设置", notice: "公告", flow: "流程", seat: "坐席", surge: "预案", vault: "录音保全", quality: "质检" },
    actions: {
      "session.opened": "登录", "session.ended": "结束会话", "password.changed": "修改密码", "account.made": "新建账号", "account.changed": "修改账号", "account.reset": "重置密码",
      "account.second_factor": "绑定动态口令", "captions.followed": "看实时字幕", "number.unmasked": "显示号码", "transcript.read": "看通话文本", "transcripts.redone": "重新转写", "recording.heard": "听录音",
      "recording.downloaded": "下载录音", "quality.exported": "导出质检记录", "quality.listed": "导出质检清单", "call.beside_listen": "监听通话", "call.beside_whisper": "耳语", "call.beside_join": "介入通话",
      "call.beside_end_asked": "结束旁听", "call.beside_ended": "旁听结束", "call.sat_beside": "陪同接话", "callback.closed": "回拨人工结案", "callback.postponed": "推迟回拨", "line.priority_asked": "插队",
      "cloud.invited": "邀请云坐席", "cloud.called_off": "取消邀请", "cloud.link_told": "生成云坐席链接", "cloud.person_kept": "登记云坐席人员", "cloud.proposal_declined": "不采纳云坐席建议", "cloud.proposal_applied": "批准云坐席建议",
      "cloud.withdraw_asked": "撤回云坐席", "cloud.lock_asked": "锁定云坐席", "cloud.unlock_asked": "解锁云坐席", "cloud.check_asked": "检测云坐席", "cloud.locked": "云坐席锁定", "day.roster_changed": "修改当日排班",
      "flow.published": "发布流程", "settings.changed": "修改参数", "settings.undone": "撤销参数修改", "partner.given_back": "交还来电", "partner.pause_asked": "暂停城际协作", "partner.resume_asked": "恢复城际协作",
      "seats.moved": "坐席调岗", "seats.moved_back": "撤销调岗", "seat.skills_assigned": "改技能组", "seat.taken_over": "接管坐席", "seat.phone_told": "取话机登录", "seat.line_checked": "话机检测",
      "seat.conference_asked": "拉入第三方", "seat.abuse_reported": "辱骂上报", "staff.imported": "导入人员", "staff.kept": "登记人员", "staff.deactivated": "停用人员", "shifts.imported": "导入班表",
      "shifts.swap_proposed": "申请换班", "shifts.swap_undone": "撤销换班", "shifts.swap_approved": "批准换班", "shifts.swap_refused": "驳回换班", "surge.level_asked": "切换预案级别", "surge.undo_asked": "撤销切换",
      "alarm.acknowledged": "认领告警", "notice.put": "播出公告", "notice.withdrawn": "撤下公告", "guest.opened": "开放接话日", "guest.closed": "结束接话日", "survey.answered": "录入回访评分",
      "ticket.reopened": "重新打开工单", "ticket.pin_told": "告知查询码", "ticket.pin_right": "查询码正确", "ticket.pin_wrong": "查询码错误", "ticket.pin_locked": "查询码锁定", "vault.verified": "校验录音",
      "vault.rotated": "轮换密钥", "vault.key_erased": "销毁过期密钥", "what_if.asked": "推演", "prompt.replaced": "更换提示音", "prompt.restored": "恢复提示音",
      "transcript.searched": "检索通话文本", "assessment.read": "看质检结果", "article.sent": "短信发送知识", "message.retried": "重发短信", "message.reviewed": "处理留言", "plan.drawn": "抽取质检样本",
      "plan.set": "修改抽检方案", "recording.paused": "暂停录音", "recording.resumed": "恢复录音", "review.answered": "质检申诉", "review.ruled": "裁定申诉", "review.submitted": "提交评分",
    } as Record<string, string>,
  },
};

const en: typeof zh = {
  house: {
    label: "House",
    rooms: { accounts: "Accounts", settings: "Settings", seats: "Seats, skill groups", flows: "Flows", prompts: "Prompts", notices: "Notices", calendar: "Calendar", departments: "Departments", duty: "Rosters", roles: "Roles", sessions: "Signed in", audit: "Audit" },
  },
  accounts: {
    title: "Accounts", role: "Role", make: "New account", codes: "Codes", bound: "set up", state: "State", disabled: "locked out", one_time: "one-time password", active: "active", enable: "Let in again", disable: "Lock out",
    reset: "New password", change: "Change account {name}", told: "One-time password of {name}", once: "Shown this once: hand it over in person. It must be changed at the first sign-in.",
  },
  places: { title: "Seats", hint: "Tick skill groups: that queue rings these seats first; none ticked means all alike. Whose seat it is, is changed under Accounts.", kind: "Kind", phone: "Phone", state: "State", people: "People", here: "here", unreachable: "not registered", move: "Skill groups of {seat}: {skills}", all: "all", kinds: { on_site: "on site", cloud: "cloud" }, phones: { browser: "browser", sip: "SIP phone" } },
  flows: { title: "Flows", name: "Flow", heading: "Title", steps: "Steps", version: "Version", nth: "version {n}", file: "file", picture: "Picture of {name}", text: "Text (TOML)", check: "Check", good: "No mistake: it can be published.", publish: "Publish", publish_what: "Publish flow {name}", published: "Published: new callers hear it.", versions: "Versions", take: "Take this one back" },
  prompts: prompts.en,
  room_keys: roomKeys.en,
  notices: { title: "Notices so far", nothing: "No notice was on air yet.", text: "Text", until: "Until", state: "State", effect: "Effect", states: { on_air: "on air", expired: "over", withdrawn: "withdrawn" } },
  calendar: { title: "Special days of {year}", covered: "shifted days known", uncovered: "notice not known: statutory holidays only", before: "Year before", after: "Year after", day: "Day", kind: "Kind", name: "Name", added: "added here", known: "country", kinds: { holiday: "holiday", shifted_workday: "shifted workday" }, add: { "calendar.holidays": "Add holidays…", "calendar.workdays": "Add shifted workdays…", "menus.holidays": "Days of the holiday flow…" } },
  departments: { title: "Departments", hint: "Who may be joined to a talk: kept under [departments] in callcenter.toml, read at start.", name: "Department", number: "Number", none: "No departments yet." },
  roles: {
    title: "Roles and permissions", fixed: "What a role may do is part of the program and not changed on a page; to give somebody another role go to Accounts.", permission: "Permission", yes: "yes", no: "no",
    permissions: {
      signed_in: "Whoever is signed in", "board.read": "See the board", "contact.read": "See the ledger", "ticket.read": "See tickets", "event.read": "Follow events", "seat.ask_own": "Own seat", "seat.ask_any": "Any seat",
      "surge.steer": "Levels, places in line, notices, flows", "message.review": "Deal with messages", "ticket.work": "Work on tickets", "recording.listen": "Hear recordings", "call.beside": "Listen, whisper, join", "recording.download": "Download recordings", "personal.unmask": "See whole numbers",
      "quality.read": "See quality", "quality.read_own": "See own quality", "quality.review": "Score calls", "quality.answer": "Answer reviews", "quality.plan": "Quality plans and rulings", "transcript.redo": "Transcribe anew",
      "vault.read": "See the vault", "vault.verify": "Verify the vault", "vault.hold": "Legal holds", "ledger.check": "Compare the books", "audit.read": "Read the audit", "house.read": "See how the house is set up", "house.settings": "Change settings", "house.administer": "Manage accounts",
    },
  },
  sessions: {
    title: "Open sessions", everybody: "Everybody's", since: "Signed in", until: "Ends", address: "From", program: "Browser", here: "this one", end: "End", end_of: "End the session of {name}", ended: "The session of {name} was ended.",
  },
  settings: {
    live: "Changed while it runs", live_hint: "Takes effect at once, without a restart; each change keeps who, when, the old and the new value, and why. Rows with a colored edge differ from the file.", fixed: "Read at start", fixed_hint: "Changed in callcenter.toml or in the environment; takes effect after a restart. Passwords and keys are not shown.", search: "Find a setting", what: "Setting", value: "Value", configured: "Configured", as_configured: "(as configured)", changed: "Changed here", by: "{by}, {at}", change: "Change", origin: "From", bounds: "{low} to {high}", reset: "As configured", done: "In force.", undone: "Undone.", history: "History", old_new: "Old → new", undo: "Undo: {what}",
    origins: { default: "default", page: "this page" },
    names: {
      "surge.offer_ewt_s": "Estimated wait in seconds above which call-backs and messages are offered", "surge.reoffer_after_s": "Seconds in line after which a call-back is offered again", "surge.watch.enter": "Load that enters “watch”", "surge.watch.leave": "Load that leaves “watch”", "surge.high.enter": "Load that enters “high”", "surge.high.leave": "Load that leaves “high”", "surge.overload.enter": "Load that enters “overload”", "surge.overload.leave": "Load that leaves “overload”",
      "line.wrap_up_s": "After-call work (s)", "surge.high.wrap_up_cap_s": "Its cap at “high” (s, 0: none)", "surge.overload.wrap_up_cap_s": "Its cap at “overload” (s, 0: none)", "rest.occupancy_limit": "Occupancy above which a rest follows", "rest.rest_s": "Forced rest (s)", "rest.abuse_rest_s": "Rest after abuse (s)",
      "callback.from_hour": "First hour of call-backs", "callback.to_hour": "Hour that ends call-backs", "callback.max_tries": "Tries of a call-back", "callback.retry_gap_s": "Seconds between two tries", "menus.night": "Hours of the night flow (22:00-07:00; empty: none)", "menus.holidays": "Days of the holiday flow (one a line)", "calendar.holidays": "Further holidays (one span a line)", "calendar.workdays": "Further shifted workdays (one span a line)",
    },
  },
  audit: {
    title: "Audit", prove: "Prove the chain", whole: "Whole: {n} entries, head", broken: "Entry {at} does not fit: {n} before it are whole", kind: "Kind", any: "all", by: "Who", of: "Of what", from: "From", until: "Until", look: "Look", at: "When", what: "What", why: "Why", newer: "Newer", older: "Older",
    kinds: { session: "Sign-in", call: "Listening", account: "Accounts", password: "Passwords", number: "Numbers shown", recording: "Recordings", settings: "Settings", notice: "Notices", flow: "Flows", seat: "Seats", surge: "Levels", vault: "Vault", quality: "Quality" },
    actions: {
      "session.opened": "signed in", "session.ended": "ended a session", "password.changed": "changed the password", "account.made": "made an account", "account.changed": "changed an account", "account.reset": "reset a password",
      "account.second_factor": "bound one-time codes", "captions.followed": "followed live captions", "number.unmasked": "showed a whole number", "transcript.read": "read a transcript", "transcripts.redone": "transcribed anew", "recording.heard": "heard a recording",
      "recording.downloaded": "downloaded a recording", "quality.exported": "exported a reviewed call", "quality.listed": "exported the ranked list", "call.beside_listen": "listened to a call", "call.beside_whisper": "whispered in a call", "call.beside_join": "joined a call",
      "call.beside_end_asked": "ended being beside", "call.beside_ended": "was beside a call no more", "call.sat_beside": "sat beside a guest", "callback.closed": "closed an owed call", "callback.postponed": "put an owed call off", "line.priority_asked": "put a caller first",
      "cloud.invited": "invited cloud seats", "cloud.called_off": "called an invitation off", "cloud.link_told": "made a cloud seat's link", "cloud.person_kept": "kept a cloud person", "cloud.proposal_declined": "declined cloud seats", "cloud.proposal_applied": "applied cloud seats",
      "cloud.withdraw_asked": "withdrew a cloud seat", "cloud.lock_asked": "locked a cloud seat", "cloud.unlock_asked": "unlocked a cloud seat", "cloud.check_asked": "checked a cloud seat", "cloud.locked": "a cloud seat was locked", "day.roster_changed": "changed today's roster",
      "flow.published": "published a flow", "settings.changed": "changed a setting", "settings.undone": "undid a setting", "partner.given_back": "gave a call back", "partner.pause_asked": "paused mutual aid", "partner.resume_asked": "resumed mutual aid",
      "seats.moved": "moved seats", "seats.moved_back": "moved seats back", "seat.skills_assigned": "changed skill groups", "seat.taken_over": "took a seat over", "seat.phone_told": "was given the phone's login", "seat.line_checked": "checked a line",
      "seat.conference_asked": "asked a third in", "seat.abuse_reported": "reported abuse", "staff.imported": "imported people", "staff.kept": "kept a person", "staff.deactivated": "deactivated a person", "shifts.imported": "imported shifts",
      "shifts.swap_proposed": "proposed a swap", "shifts.swap_undone": "undid a swap", "shifts.swap_approved": "approved a swap", "shifts.swap_refused": "refused a swap", "surge.level_asked": "switched the surge level", "surge.undo_asked": "undid a switch",
      "alarm.acknowledged": "took an alarm", "notice.put": "put a notice on air", "notice.withdrawn": "withdrew a notice", "guest.opened": "opened a call day", "guest.closed": "closed a call day", "survey.answered": "entered a survey grade",
      "ticket.reopened": "reopened a ticket", "ticket.pin_told": "told a ticket's code", "ticket.pin_right": "right ticket code", "ticket.pin_wrong": "wrong ticket code", "ticket.pin_locked": "ticket code locked", "vault.verified": "verified recordings",
      "vault.rotated": "rotated keys", "vault.key_erased": "erased an old key", "what_if.asked": "asked a what-if", "prompt.replaced": "replaced a prompt", "prompt.restored": "restored a prompt",
      "transcript.searched": "searched transcripts", "assessment.read": "read an assessment", "article.sent": "sent an article", "message.retried": "sent a message again", "message.reviewed": "dealt with a voice message", "plan.drawn": "drew a sample",
      "plan.set": "set a sampling plan", "recording.paused": "paused a recording", "recording.resumed": "resumed a recording", "review.answered": "answered a review", "review.ruled": "ruled on a review", "review.submitted": "submitted a review",
    },
  },
};

export const admin = { zh, en };
