// What people read at these pages, Chinese first.
const zh = {
  player: {
    why: "收听原因（记入审计）", listen: "收听", missing: "没有录音", citizen: "市民", agent: "话务员", play: "播放", pause: "暂停",
    demo_model: "转写来自演示模型，听不懂真人说话。", no_words: "还没有转写。",
    toggle: "播放 / 暂停", back: "后退 5 秒", on: "前进 5 秒", faster: "加快", slower: "放慢", speed: "速度", skip: "跳过静音",
    next_mark: "下一处标记", last_mark: "上一处标记", follow: "文字跟随声音", transcript: "通话文本",
    download: "下载录音", marked: "副本含水印（姓名、时间、事由）", taken: "已保存带水印的副本，并已记入审计。",
  },
};

const en: typeof zh = {
  player: {
    why: "Reason for listening (for the audit)", listen: "Listen", missing: "No recording", citizen: "Citizen", agent: "Agent", play: "Play", pause: "Pause",
    demo_model: "Transcribed by the demo model, which understands no real people.", no_words: "Not transcribed yet.",
    toggle: "Play / pause", back: "Back 5 s", on: "On 5 s", faster: "Faster", slower: "Slower", speed: "Speed", skip: "Skip silence",
    next_mark: "Next mark", last_mark: "Previous mark", follow: "Text follows the sound", transcript: "Transcript",
    download: "Download", marked: "the copy is marked with who, when and why", taken: "A marked copy was saved; the audit knows.",
  },
};

export const player = { zh, en };
