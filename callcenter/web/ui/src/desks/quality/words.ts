// What people read at these pages, Chinese first.
const zh = {
  quality: {
    title: "质检清单", by_seat: "按坐席筛选，如 8001", nothing: "还没有质检结果。", choose: "从左边选一通电话，最可疑的在前（j / k 上下）。",
    score: "{n} 分", findings: "{n} 处疑点", certainty: "把握 {n} %", clean: "规则没有发现疑点。", next: "下一通电话", previous: "上一通电话",
    severities: { info: "提示", minor: "轻微", major: "严重", critical: "重大" },
    take: "人工质检：{card}", second: "双盲复核", reviewed: "{by} 评分 {score}", hidden: "（复核未完，暂不显示）", left: "还差 {n} 项", veto: "一票否决",
    not_applicable: "不适用", machine: "机器疑点：", right: "属实", wrong: "误报", comment: "评语", submit: "提交评分",
  },
};

const en: typeof zh = {
  quality: {
    title: "Calls by concern", by_seat: "One seat only, as 8001", nothing: "No call has been assessed yet.", choose: "Choose a call on the left, the most doubtful first (j / k).",
    score: "{n} points", findings: "{n} findings", certainty: "{n} % sure", clean: "The rules found nothing.", next: "Next call", previous: "Previous call",
    severities: { info: "hint", minor: "minor", major: "major", critical: "critical" },
    take: "Review: {card}", second: "Second, blind review", reviewed: "{by} gave {score}", hidden: "(hidden until the other is done)", left: "{n} to go", veto: "veto",
    not_applicable: "does not apply", machine: "Machine:", right: "right", wrong: "wrong", comment: "Comment", submit: "Hand in",
  },
};

export const quality = { zh, en };
