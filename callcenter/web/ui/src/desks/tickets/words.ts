// What people read at these pages, Chinese first.
const zh = {
  ticket: {
    title: "工单", standings: { open: "待办", answered: "已直接解答", handed_on: "已转办" }, nothing: "没有工单。", choose: "从左边选一张工单（j / k 上下）。",
    natures: { help: "求助", consult: "咨询", complaint: "投诉", tip_off: "举报", suggestion: "建议", praise: "表扬" } as Record<string, string>,
    unknown: "未定", fresh: "刚刚", minutes: "{n} 分钟前", hours: "{n} 小时前", days: "{n} 天前", late: "已超期", day_old: "超过一天", oldest_first: "最早的在前", due: "期限 {at}",
    nature: "性质", topic: "类别", place: "地点", unit: "承办单位", note: "诉求与答复",
    answer: "直接解答", hand_on: "转办", reopen: "重新打开", next: "下一张工单", previous: "上一张工单", statement: "先行陈述：",
    workdays: "（{n} 个工作日）", accept: "采纳", accept_all: "全部采纳", taken: "已采纳", heard: "听到：{words}", certainty: { clear: "明确", likely: "较明确", hint: "仅线索" },
    sources: { none: "", statement: "依据先行陈述的建议", captions: "依据实时字幕的建议", transcript: "依据录音转写的建议" }, demo: "演示模型，不能当真",
    kept_here: "服务未应答，内容已暂存本页，恢复后自动保存", unsaved: "还有未保存的工单，打开即自动保存：", loading: "工单载入中…",
    saving: "保存中…", saved: "{at} {by} 已保存", overtaken: "别人刚改过这张工单，已取到最新内容；您输入的还在，会再次保存。",
    problems: { caller_unknown: "号码不明", recording_missing: "没有录音", recording_short: "录音不全", transcript_parked: "转写失败", transcript_by_demo_model: "转写来自演示模型，不能当真" } as Record<string, string>,
  },
};

const en: typeof zh = {
  ticket: {
    title: "Tickets", standings: { open: "open", answered: "answered on the spot", handed_on: "handed on" }, nothing: "No tickets.", choose: "Choose a ticket on the left (j / k).",
    natures: { help: "request", consult: "question", complaint: "complaint", tip_off: "tip-off", suggestion: "suggestion", praise: "praise" },
    unknown: "not known", fresh: "just now", minutes: "{n} min ago", hours: "{n} h ago", days: "{n} days ago", late: "overdue", day_old: "over a day", oldest_first: "oldest first", due: "due {at}",
    nature: "Nature", topic: "Topic", place: "Place", unit: "Unit in charge", note: "Matter and answer",
    answer: "Answered on the spot", hand_on: "Hand on", reopen: "Open again", next: "Next ticket", previous: "Previous ticket", statement: "Stated while waiting:",
    workdays: " ({n} working days)", accept: "Take", accept_all: "Take all", taken: "taken", heard: "heard: {words}", certainty: { clear: "clear", likely: "likely", hint: "a hint only" },
    sources: { none: "", statement: "Proposed from the statement", captions: "Proposed from live captions", transcript: "Proposed from the transcript" }, demo: "demo model: do not rely on it",
    kept_here: "the server does not answer: kept in this page, saved when it is back", unsaved: "Not saved yet, open to save:", loading: "loading the ticket…",
    saving: "saving…", saved: "saved {at} by {by}", overtaken: "Somebody else has just changed this ticket; what you typed is kept and will be saved again.",
    problems: { caller_unknown: "number unknown", recording_missing: "no recording", recording_short: "recording incomplete", transcript_parked: "transcription failed", transcript_by_demo_model: "transcript by the demo model: do not rely on it" },
  },
};

export const tickets = { zh, en };
