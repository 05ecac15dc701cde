// What people read at these pages, Chinese first.
const zh = {
  quality: {
    title: "质检清单", by_seat: "坐席，如 8001", nothing: "没有符合条件的电话。", choose: "从左边选一通电话，最可疑的在前（j / k 上下）。",
    score: "{n} 分", findings: "{n} 处疑点", certainty: "把握 {n} %", clean: "规则没有发现疑点。", next: "下一通电话", previous: "上一通电话",
    rules: { greeting: "没有及时问候", closing: "没有结束语", soothing: "没有及时安抚", promise: "承诺时限与工单不一致", silence: "静音过长", overtalk: "双方同时说话", interruptions: "多次打断市民", speaking_rate: "语速不当", hold: "保持过久", transfers: "多次转接", complaint_as_consult: "投诉举报定性不符", repeated: "疑似重复诉求" } as Record<string, string>,
    severities: { info: "提示", minor: "轻微", major: "严重", critical: "重大" },
    take: "人工质检：{card}", second: "双盲复核", reviewed: "{by} 评分 {score}", hidden: "（复核未完，暂不显示）", left: "还差 {n} 项", veto: "一票否决",
    not_applicable: "不适用", machine: "机器疑点：", right: "属实", wrong: "误报", comment: "评语", submit: "提交评分",
    from: "从", until: "到", topic: "类别", any: "全部", doubtful: "只看可疑（关注度 ≥ 50 %）", mine: "只看我的", review: "人工质检",
    states: { none: "未质检", assigned: "待评分", submitted: "已评分", answered: "坐席已申辩", ruled: "已裁定" },
    concern: "关注度 {n} %", why_here: "排名依据：关注度 {concern} % = 100 % − 得分 {score} % × 把握 {certainty} %。扣分：{rules}",
    no_rules: "无", missing_words: "没有转写，把握为零", export_list: "导出清单（Excel）", export_call: "导出质检记录（Word）",
    keys_hint: "数字评分 · x 不适用 · c 写意见 · y / n 属实或误报",
    opinion: "这一项的意见", review_panel: "人工质检", grade: "评分", take_key: "开始或继续评分", ordinal: { "1": "初评", "2": "复核（双盲）" },
    assign_second: "安排复核", reviewer: "复核人", myself: "我自己", look: "查看评分（看后不能再做复核）", agreement: "两人一致 {n} / {of} 项", criterion: "评分项",
    statement: "坐席申辩", rule: "裁定", upheld: "维持原评分", corrected: "更正评分", ruled: "{by} 裁定：{what}", why: "理由", ruling_why: "裁定理由",
    history: { assigned: "{at} {by} 指派", submitted: "{at} 提交评分", answered: "{at} 坐席申辩", ruled: "{at} {by} 裁定" },
    corrected_to: "更正为 {n} 分", notes: "辅导记录", no_notes: "还没有辅导记录。", note: "写给坐席的话", note_at: "在 {at} 处", note_whole: "针对整通电话", add_note: "记下", note_key: "写辅导记录",
    noted: "已记下，坐席可以看到。", keep_second: "带上当前秒数",
  },
  sampling: {
    title: "抽检方案", plan: "方案", card: "评分表", group: "分组", groups: { seat: "每个坐席", topic: "每个类别", all: "全部" }, size: "每周每组 {n} 通", second_share: "{n} % 双盲复核",
    none: "还没有抽检方案。", set: "保存方案", fresh: "新方案", name: "名称（小写字母）", size_field: "每周每组几通", share_field: "双盲复核比例 %", reviewers: "质检员", week: "周", draw: "抽取",
    so_far: "本周未完也抽", drawn: "{week}：{population} 通中抽 {n} 通，新指派 {fresh} 份", done: "完成 {done} / {of}", open_call: "打开",
    agreement: "评分一致性", pairs: "{n} 通双评", days: "最近 90 天", kappa: "κ", linear: "线性加权 κ", observed: "一致率", expected: "机会一致率", good: "κ ≥ 0.6 为一致性好；低于 0.4 请组织校准",
    coverage: "质检覆盖", yesterday: "最近 24 小时", answered: "接听", recorded: "有录音", transcribed: "已转写", assessed: "已质检", qa_coverage: "质检覆盖率", transcript_coverage: "转写覆盖率", mean: "平均得分",
    by_rule: "疑点分布", calls: "{n} 通", oldest: "最早未质检 {at}", no_pairs: "这段时间没有双评。",
  },
  search: {
    title: "全文检索", q: "找什么", hint: "空格分开的词都要出现；\"引号\" 内整句；-词 表示不含。例：暖气 \"没有人来\" -投诉", go: "检索", since: "从", until: "到", scores: "得分", to: "至",
    found: "{n} 通电话", more: "{n} 通以上", cut: "更早的通话没有找完（早于 {at}），请缩小日期再找。", nothing: "没有找到。", understood: "按这些词找：{words}", without: "不含：{words}",
    choose: "从结果里选一处，从那一秒听起。", focus: "到检索框", next: "下一处", previous: "上一处", ask: "写下要找的词。",
  },
};

const en: typeof zh = {
  quality: {
    title: "Calls by concern", by_seat: "Seat, as 8001", nothing: "No call matches.", choose: "Choose a call on the left, the most doubtful first (j / k).",
    score: "{n} points", findings: "{n} findings", certainty: "{n} % sure", clean: "The rules found nothing.", next: "Next call", previous: "Previous call",
    rules: { greeting: "no timely greeting", closing: "no closing words", soothing: "not soothed in time", promise: "promise and deadline differ", silence: "long silence", overtalk: "both spoke at once", interruptions: "interruptions", speaking_rate: "pace of speech", hold: "long on hold", transfers: "many transfers", complaint_as_consult: "complaint under another nature", repeated: "told before, it seems" },
    severities: { info: "hint", minor: "minor", major: "major", critical: "critical" },
    take: "Review: {card}", second: "Second, blind review", reviewed: "{by} gave {score}", hidden: "(hidden until the other is done)", left: "{n} to go", veto: "veto",
    not_applicable: "does not apply", machine: "Machine:", right: "right", wrong: "wrong", comment: "Comment", submit: "Hand in",
    from: "From", until: "To", topic: "Topic", any: "all", doubtful: "Only doubtful (concern ≥ 50 %)", mine: "Only mine", review: "Review",
    states: { none: "not reviewed", assigned: "to be graded", submitted: "graded", answered: "agent has answered", ruled: "ruled on" },
    concern: "concern {n} %", why_here: "Why it ranks here: concern {concern} % = 100 % − score {score} % × certainty {certainty} %. Points off for: {rules}",
    no_rules: "nothing", missing_words: "no transcript: nothing is certain", export_list: "List (Excel)", export_call: "Record (Word)",
    keys_hint: "digits grade · x does not apply · c comment · y / n machine right or wrong",
    opinion: "Comment on this", review_panel: "Reviews", grade: "Grade", take_key: "Begin or go on grading", ordinal: { "1": "first", "2": "second, blind" },
    assign_second: "Give to a second reviewer", reviewer: "Reviewer", myself: "me", look: "Show the grades (and be no second reviewer any more)", agreement: "the two agree on {n} of {of}", criterion: "Criterion",
    statement: "The agent's answer", rule: "Rule on it", upheld: "The review stays", corrected: "Correct the grades", ruled: "{by} ruled: {what}", why: "why", ruling_why: "Why it is ruled so",
    history: { assigned: "{at} assigned by {by}", submitted: "{at} graded", answered: "{at} the agent answered", ruled: "{at} ruled by {by}" },
    corrected_to: "corrected to {n} points", notes: "Coaching notes", no_notes: "No coaching notes yet.", note: "What to tell the agent", note_at: "at {at}", note_whole: "about the whole call", add_note: "Keep", note_key: "Write a coaching note",
    noted: "Kept; the agent can read it.", keep_second: "with the present second",
  },
  sampling: {
    title: "Sampling plans", plan: "Plan", card: "Scorecard", group: "Groups", groups: { seat: "each seat", topic: "each topic", all: "all together" }, size: "{n} calls a week", second_share: "{n} % by two",
    none: "No sampling plan yet.", set: "Save the plan", fresh: "New plan", name: "Name (small letters)", size_field: "Calls a week of each group", share_field: "Reviewed by two, %", reviewers: "Reviewers", week: "Week", draw: "Draw",
    so_far: "also a week that is not over", drawn: "{week}: {n} of {population} calls, {fresh} new reviews", done: "{done} of {of} done", open_call: "Open",
    agreement: "How well reviewers agree", pairs: "{n} calls graded by two", days: "last 90 days", kappa: "κ", linear: "κ, linear weights", observed: "observed", expected: "by chance", good: "κ of 0.6 and more is good; below 0.4 grade a call together",
    coverage: "Coverage", yesterday: "last 24 hours", answered: "Answered", recorded: "Recorded", transcribed: "Transcribed", assessed: "Assessed", qa_coverage: "Assessed, share", transcript_coverage: "Transcribed, share", mean: "Mean score",
    by_rule: "What was found", calls: "{n} calls", oldest: "oldest not assessed {at}", no_pairs: "No call was graded by two in this time.",
  },
  search: {
    title: "Search what was said", q: "Look for", hint: "All words must be said; \"an exact phrase\"; -without. As: 暖气 \"没有人来\" -投诉", go: "Search", since: "From", until: "To", scores: "Score", to: "to",
    found: "{n} calls", more: "more than {n} calls", cut: "Calls before {at} were not looked at: choose an earlier end to see them.", nothing: "Nothing found.", understood: "Looked for: {words}", without: "without: {words}",
    choose: "Choose a passage to hear it from its second.", focus: "To the search field", next: "Next passage", previous: "Previous passage", ask: "Write what to look for.",
  },
};

export const quality = { zh, en };
