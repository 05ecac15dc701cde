// What people read in the room of prompts, Chinese first.
const zh = {
  title: "提示音", id: "编号", text: "文字", seconds: "秒", source: "来源",
  hear: "试听",
  missing: "缺少 {n} 个提示音：运行 callcenter setup 生成。",
  own: "每条都可换成自己的录音，下一位来电者即听到；旧的都留着，随时取回。",
  search: "查找提示音", record: "录音…", actions: "操作", none: "没有符合的提示音。",
  of: "提示音 {id}", now: "现在播放的",
  file: "录音文件（WAV）",
  limits: "PCM，单声道或立体声，8 至 48 kHz，0.2 至 60 秒，最大 {max} MB；自动转成电话音质、调匀响度。",
  too_big: "文件 {mb} MB，最多 {max} MB：请剪短，或存为单声道。",
  voice: "恢复合成音", upload: "上传并启用", busy: "正在转换…",
  uploaded: "已启用，下一位来电者即听到。", restored: "已取回，下一位来电者即听到。",
  versions: "历次录音", by_hand: "目录中的文件", lasts: "{s} 秒", in_use: "使用中", take: "取回",
  sources: { own: "自录", made: "合成", missing: "缺失" },
};

const en: typeof zh = {
  title: "Prompts", id: "Id", text: "Text", seconds: "s", source: "Source",
  hear: "Hear",
  missing: "{n} prompts are missing: callcenter setup makes them.",
  own: "Each can be a recording of your own: the next caller hears it. Earlier ones are kept and can be taken back.",
  search: "Find a prompt", record: "Record…", actions: "Actions", none: "No prompt fits.",
  of: "Prompt {id}", now: "What callers hear now",
  file: "Recording (WAV)",
  limits: "PCM, mono or stereo, 8 to 48 kHz, 0.2 to 60 s, at most {max} MB; brought to the telephone's sound and loudness here.",
  too_big: "The file has {mb} MB, at most {max} MB: cut it, or save it as mono.",
  voice: "Back to the voice", upload: "Put in use", busy: "Converting…",
  uploaded: "In use: the next caller hears it.", restored: "Taken back: the next caller hears it.",
  versions: "Recordings so far", by_hand: "a file in the folder", lasts: "{s} s", in_use: "in use", take: "Take back",
  sources: { own: "recorded", made: "synthesized", missing: "missing" },
};

export const prompts = { zh, en };
