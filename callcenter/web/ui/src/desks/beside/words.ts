// What people read when somebody is beside a talk, Chinese first.
const zh = {
  beside: {
    title: "旁听", choose: "旁听通话…", open: "旁听", of_seat: "旁听坐席 {seat}", no_talk: "没有正在进行的通话。",
    modes: { listen: "监听", whisper: "耳语", join: "介入" },
    hints: { listen: "无人听见您", whisper: "只有坐席听见您", join: "双方听见您，并录音" },
    seat: "坐席", mode: "方式", phone: "用哪部电话", own_seat: "本人坐席 {seat}", telephone: "登记的本人电话", start: "呼叫我的电话",
    pick_up: "请接听您的电话：坐席 {seat} 的通话", now: "正在{mode} · 坐席 {seat}", others: "{by} 正在{mode} · 坐席 {seat}", end: "结束旁听",
    told: { listen: "{by} 正在监听此通话", whisper: "{by} 正在旁听，并可对您耳语", join: "{by} 已加入通话" },
  },
};

const en: typeof zh = {
  beside: {
    title: "Beside a talk", choose: "Listen to a talk…", open: "Listen", of_seat: "Listen to seat {seat}", no_talk: "Nobody is talking.",
    modes: { listen: "Listen", whisper: "Whisper", join: "Join" },
    hints: { listen: "nobody hears you", whisper: "the agent alone hears you", join: "both hear you, and it is recorded" },
    seat: "Seat", mode: "How", phone: "On which telephone", own_seat: "own seat {seat}", telephone: "own registered telephone", start: "Ring my telephone",
    pick_up: "Pick up your telephone: the talk of seat {seat}", now: "{mode} · seat {seat}", others: "{by}: {mode} · seat {seat}", end: "Leave",
    told: { listen: "{by} is listening to this call", whisper: "{by} listens, and may whisper to you", join: "{by} has joined the call" },
  },
};

export const beside = { zh, en };
