// What people read at these pages, Chinese first.
const zh = {
  agent: {
    no_seat: "您的账号没有坐席，请管理员分配。", no_call: "没有来电。", no_ticket: "接起来电后，这里是它的工单。", no_phone: "话机未注册",
    login: "签入", logout: "签出", ready: "示闲", break: "小休", breaks: ["小休", "用餐", "培训"], pause: "暂停录音", resume: "恢复录音", sensitive: "敏感信息",
    abuse: "辱骂上报", rest_follows: "已记录。通话后强制休息。", withheld: "号码不明", over: "已挂机，话后整理", waited: "等待 {time}", called: "拨打 {number}",
    in_menu: "语音菜单到 {step}", is_callback: "我们回拨的", earlier: "同号历史", first_call: "第一次来电。", live: "实时字幕",
    knowledge: "知识库", search: "查找（/）", in_writing: "短信：", nothing_known: "没有找到。",
  },
};

const en: typeof zh = {
  agent: {
    no_seat: "Your account has no seat: ask an administrator.", no_call: "No call.", no_ticket: "The ticket of a call stands here once it is answered.", no_phone: "phone not registered",
    login: "Log in", logout: "Log out", ready: "Ready", break: "Break", breaks: ["break", "meal", "training"], pause: "Pause recording", resume: "Resume recording", sensitive: "sensitive data",
    abuse: "Report abuse", rest_follows: "Noted. A rest follows the call.", withheld: "number withheld", over: "hung up, after-call work", waited: "waited {time}", called: "dialed {number}",
    in_menu: "menu up to {step}", is_callback: "we called back", earlier: "Same number before", first_call: "First call.", live: "Live captions",
    knowledge: "Articles", search: "Find (/)", in_writing: "In writing:", nothing_known: "Nothing found.",
  },
};

export const agent = { zh, en };
