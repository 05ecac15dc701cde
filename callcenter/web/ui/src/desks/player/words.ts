// What people read at these pages, Chinese first.
const zh = {
  player: {
    why: "收听原因（记入审计）", listen: "收听", missing: "没有录音", citizen: "市民", agent: "话务员", play: "播放", pause: "暂停",
    demo_model: "转写来自演示模型，听不懂真人说话。", no_words: "还没有转写。",
  },
};

const en: typeof zh = {
  player: {
    why: "Reason for listening (for the audit)", listen: "Listen", missing: "No recording", citizen: "Citizen", agent: "Agent", play: "Play", pause: "Pause",
    demo_model: "Transcribed by the demo model, which understands no real people.", no_words: "Not transcribed yet.",
  },
};

export const player = { zh, en };
