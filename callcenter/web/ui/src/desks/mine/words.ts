// What people read at these pages, Chinese first.
const zh = {
  mine: {
    reviews: "我的质检", none: "还没有质检结果。", notes: "辅导记录", no_notes: "还没有辅导记录。", by: "{by} · {at}", score: "{score} 分", at_second: "录音 {at} 处", corrected: "改判 {score} 分", blank: "质检未评语",
    machine: "机器疑点只供参考，以人工评分为准。", answer: "申诉", answer_label: "写明哪一项、为什么（只能提交一次）", submit: "提交申诉", answered: "已申诉，等待裁定。", noted: "申诉已提交。",
    statement: "我的申诉：", states: { assigned: "待评", submitted: "已评", answered: "已申诉", ruled: "已裁定" }, rulings: { upheld: "维持原评", corrected: "已改判" } as Record<string, string>,
    ruled: "裁定：{what}，{why}", read_call: "看通话文本", next: "下一份质检", previous: "上一份质检", criterion: "项目", grade: "评分", comment: "评语", skipped: "不适用",
  },
};

const en: typeof zh = {
  mine: {
    reviews: "My reviews", none: "No review yet.", notes: "Coaching notes", no_notes: "No coaching notes yet.", by: "{by} · {at}", score: "{score} points", at_second: "at {at} of the recording", corrected: "corrected to {score} points", blank: "no remark",
    machine: "What the machine suspects is for information only; the review by a person counts.", answer: "Answer", answer_label: "Which item and why (once only)", submit: "Send the answer", answered: "Answered; a ruling follows.", noted: "Your answer was sent.",
    statement: "My answer:", states: { assigned: "to be reviewed", submitted: "reviewed", answered: "answered", ruled: "ruled" }, rulings: { upheld: "upheld", corrected: "corrected" },
    ruled: "Ruling: {what}, {why}", read_call: "Read the call", next: "Next review", previous: "Previous review", criterion: "Item", grade: "Grade", comment: "Remark", skipped: "does not apply",
  },
};

export const mine = { zh, en };
