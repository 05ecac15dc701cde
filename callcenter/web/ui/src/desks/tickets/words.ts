// What people read at these pages, Chinese first.
const zh = {
  ticket: {
    title: "工单", standings: { open: "待办", answered: "已直接解答", handed_on: "已转办" }, nothing: "没有工单。", choose: "从左边选一张工单（j / k 上下）。",
    natures: { help: "求助", consult: "咨询", complaint: "投诉", tip_off: "举报", suggestion: "建议", praise: "表扬" } as Record<string, string>,
    unknown: "未定", fresh: "刚刚", hours: "{n} 小时前", days: "{n} 天前", late: "已超期", due: "期限 {at}",
    nature: "性质", topic: "类别", place: "地点", unit: "承办单位", note: "诉求与答复",
    answer: "直接解答", hand_on: "转办", reopen: "重新打开", next: "下一张工单", previous: "上一张工单", statement: "先行陈述：",
    saving: "保存中…", saved: "{at} {by} 已保存", overtaken: "别人刚改过这张工单，已取到最新内容；您输入的还在，会再次保存。",
    problems: { caller_unknown: "号码不明", recording_missing: "没有录音", recording_short: "录音不全", transcript_parked: "转写失败", transcript_by_demo_model: "转写来自演示模型，不能当真" } as Record<string, string>,
  },
};

const en: typeof zh = {
  ticket: {
    title: "Tickets", standings: { open: "open", answered: "answered on the spot", handed_on: "handed on" }, nothing: "No tickets.", choose: "Choose a ticket on the left (j / k).",
    natures: { help: "request", consult: "question", complaint: "complaint", tip_off: "tip-off", suggestion: "suggestion", praise: "praise" },
    unknown: "not known", fresh: "just now", hours: "{n} h ago", days: "{n} days ago", late: "overdue", due: "due {at}",
    nature: "Nature", topic: "Topic", place: "Place", unit: "Unit in charge", note: "Matter and answer",
    answer: "Answered on the spot", hand_on: "Hand on", reopen: "Open again", next: "Next ticket", previous: "Previous ticket", statement: "Stated while waiting:",
    saving: "saving…", saved: "saved {at} by {by}", overtaken: "Somebody else has just changed this ticket; what you typed is kept and will be saved again.",
    problems: { caller_unknown: "number unknown", recording_missing: "no recording", recording_short: "recording incomplete", transcript_parked: "transcription failed", transcript_by_demo_model: "transcript by the demo model: do not rely on it" },
  },
};

export const tickets = { zh, en };
