// What people read about shifts and call days, Chinese first.
const zh = {
  duty: {
    now: "当前应到", due: "应到 {due} · 缺 {missing}", nobody_missing: "没有缺岗。", absent: "{who} 应 {at} 到岗，未到", left: "{who}（{at} 班）中途离岗", heads: "不定坐席的{kind}人员缺 {n}", kinds: { on_site: "现场", cloud: "云坐席", guest: "嘉宾" },
    at_seat: "{staff} · 坐席 {seat}", alarm: "缺岗", presence: "今日在岗与排班", rate: "在席率 {rate}", planned: "排班", present: "在岗", working: "在服务", hour: "时", no_shows: "缺岗记录", came: "{min} 分钟后到", never: "没有到",
    plan: { shifts: "按班表", usual: "按通常排班" }, gaps: "有 {n} 段没有记录，未计入。",
    swaps: "换班", by: "申请人", first: "班次", to: "换给", swap_states: { proposed: "待批", approved: "已批准", refused: "已驳回", undone: "已撤销" }, approve: "批准", refuse: "驳回", undo: "撤销", swap_of: "{what}换班 {id}", no_swaps: "没有换班。",
    propose: "申请换班", my_shift: "要换出的班次", taker: "接班人工号", second: "或对换的班次", nobody: "不对换", shift: "{from}–{to} {who} {code}", reason: "原因", state: "状态",
    staffing: "排班测算", day: "日期", target: "目标接通率", within: "秒内", shrinkage: "耗损", citizens: "来电", needed: "需要", on_roster: "已排", reach: "接通率", abandoned: "放弃率", occupancy: "占用率", totals: "共需 {needed} 坐席小时，已排 {planned} · 平均处理 {handling} · 耐心 {patience}",
    basis: { history: "由本中心 {n} 天历史推算", settings: "按设置的计划" },
    import: "导入表格", what: "导入什么", roster: "班表", people: "人员", file: "文件（xlsx 或 csv，不超过 512 KB）", month: "网格班表的月份", replace: "替换文件各日未开始的班次", check: "检查", apply: "导入",
    too_big: "文件超过 512 KB。", roster_effect: "新增 {shifts} 个班次，取消 {replaced} 个，已过不动 {past} 个。", people_effect: "共 {people} 人，新增 {added} 人。", imported: "已导入。", day_effect: "{day}：{before} → {after} 坐席小时",
    faults: "有 {total} 处错误，一处不改就不导入：", fault: "{sheet} 第 {row} 行 {column}“{value}”：{problem}",
    staff: "人员", no_staff: "还没有人员，可在右边导入表格。", all: "含已停用", staff_no: "工号", name: "姓名", kind: "类别", phone: "电话", seat: "坐席", any: "不定", active: "在职", inactive: "停用", deactivate: "停用", deactivate_of: "停用 {name}", actions: "操作", key_propose: "申请换班", key_import: "导入表格",
  },
  guests: {
    title: "接话日", open: "开放接话日", name: "嘉宾姓名", position: "职务", seat: "坐席", helper: "陪同坐席", from: "从", to: "到", none: "还没有接话日。", close: "结束", close_of: "结束“{name}”的接话日？正在进行的通话不受影响。", key: "新的接话日",
    states: { planned: "未开始", running: "进行中", over: "已结束" }, state: "状态", when: "时间", calls: "接听", tickets: "工单", promises: "承诺不符", grade: "满意度", follow_ups: "跟踪清单", of: "{name} 的跟踪清单",
    ticket: "工单", citizen: "号码", department: "承办单位", deadline: "期限", promised: "当时承诺", nothing: "没有工单。", actions: "操作", opened: "接话日已开放。", ticket_states: { draft: "草拟", ready: "待办" },
  },
};

const en: typeof zh = {
  duty: {
    now: "Due now", due: "{due} due · {missing} missing", nobody_missing: "Nobody is missing.", absent: "{who}, due at {at}, is not there", left: "{who} (shift of {at}) has left", heads: "{n} of the {kind} people without a seat of their own are missing", kinds: { on_site: "on-site", cloud: "cloud", guest: "guest" },
    at_seat: "{staff} · seat {seat}", alarm: "Missing", presence: "Presence and roster today", rate: "seats filled {rate}", planned: "on the roster", present: "present", working: "serving", hour: "Hour", no_shows: "No-shows", came: "came after {min} min", never: "did not come",
    plan: { shifts: "by the shifts", usual: "by the usual roster" }, gaps: "{n} gaps without records are not counted.",
    swaps: "Swaps", by: "By", first: "Shift", to: "To", swap_states: { proposed: "proposed", approved: "approved", refused: "refused", undone: "undone" }, approve: "Approve", refuse: "Refuse", undo: "Undo", swap_of: "{what} swap {id}", no_swaps: "No swaps.",
    propose: "Propose a swap", my_shift: "Shift to give away", taker: "Staff no. of who takes it", second: "or shift in exchange", nobody: "none", shift: "{from}–{to} {who} {code}", reason: "Reason", state: "State",
    staffing: "Staffing", day: "Day", target: "Answered share", within: "within s", shrinkage: "Shrinkage", citizens: "Calls", needed: "Needed", on_roster: "Roster", reach: "Answered", abandoned: "Given up", occupancy: "Occupancy", totals: "{needed} seat-hours needed, {planned} on the roster · handling {handling} · patience {patience}",
    basis: { history: "from {n} own days", settings: "by the plan of the settings" },
    import: "Import a spreadsheet", what: "What", roster: "Roster", people: "People", file: "File (xlsx or csv, at most 512 KB)", month: "Month of a grid", replace: "replace what has not begun on its days", check: "Check", apply: "Import",
    too_big: "The file is larger than 512 KB.", roster_effect: "{shifts} shifts added, {replaced} cancelled, {past} past ones left.", people_effect: "{people} people, {added} of them new.", imported: "Imported.", day_effect: "{day}: {before} → {after} seat-hours",
    faults: "{total} mistakes; nothing is imported until all are right:", fault: "{sheet} row {row} {column} “{value}”: {problem}",
    staff: "People", no_staff: "Nobody yet: import a spreadsheet on the right.", all: "also the inactive", staff_no: "Staff no.", name: "Name", kind: "Kind", phone: "Telephone", seat: "Seat", any: "any", active: "active", inactive: "inactive", deactivate: "Deactivate", deactivate_of: "Deactivate {name}", actions: "Actions", key_propose: "Propose a swap", key_import: "Import a spreadsheet",
  },
  guests: {
    title: "Call days", open: "Open a call day", name: "Guest", position: "Title", seat: "Seat", helper: "Helper's seat", from: "From", to: "To", none: "No call days yet.", close: "Close", close_of: "Close the call day of “{name}”? A running call goes on.", key: "A new call day",
    states: { planned: "planned", running: "running", over: "over" }, state: "State", when: "When", calls: "Calls", tickets: "Tickets", promises: "Promises that differ", grade: "Grade", follow_ups: "Follow-ups", of: "Follow-ups of {name}",
    ticket: "Ticket", citizen: "Number", department: "Unit", deadline: "Due", promised: "Promised", nothing: "No tickets.", actions: "Actions", opened: "The call day is open.", ticket_states: { draft: "draft", ready: "open" },
  },
};

export const duty = { zh, en };
