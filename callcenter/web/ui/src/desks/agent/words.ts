// What people read at these pages, Chinese first.
const zh = {
  agent: {
    no_seat: "您的账号没有坐席，请管理员分配。", no_call: "没有来电。", no_ticket: "接起来电后，这里是它的工单。", no_phone: "话机未注册",
    exchange_lost: "与电话交换失去联系，正在恢复。能听见市民就照常通话；通话断了，这通来电会列入回拨，不用自己拨。一分钟后还有这条提示，请告诉值班长。",
    login: "签入", logout: "签出", ready: "示闲", end_work: "结束整理，示闲", break: "小休", pause: "暂停录音", resume: "恢复录音", sensitive: "敏感信息",
    abuse: "辱骂上报", rest_follows: "已记录。通话后强制休息。", withheld: "号码不明", over: "已挂机，话后整理", waited: "等待 {time}", here_for: "来电已 {time}", called: "拨打 {number}",
    in_menu: "语音菜单：{flow}", is_callback: "我们回拨的", earlier: "同号历史", first_call: "第一次来电。", live: "实时字幕",
    menus: { intake: "普通来电", surge_watch: "关注时来电", surge_high: "高峰时来电", surge_overload: "过载时来电", night: "夜间来电", holiday: "节假日来电", enterprise: "涉企专席", dialect: "方言选择", emergency: "紧急转接", missed_call: "已登记回电者再次来电", notice: "公告", offer_callback: "问过是否回电", offer_callback_waiting: "排队中问过是否回电", offer_message: "问过是否留言", precollect: "排队中先说诉求", rating: "满意度评价", self_service: "自助服务" } as Record<string, string>,
    caller: "来电", form: "工单",
    work_left: "整理还剩 {time}，到时自动示闲", rest_left: "休息还剩 {time}，到时自动示闲", ended_by_cap: "话后整理到了时限，已自动示闲。工单仍可继续填写。", cap_shorter: "话务升级，话后整理时限缩短了。",
    recording_on: "录音中", recording_paused: "录音已暂停",
    grounds: { missed: "漏话", accepted: "已答应回拨", message: "留言" } as Record<string, string>, promised: "{at} 起，来电 {attempts} 次，已拨 {tries} 次",
    survey: "满意度回访", survey_due: "待回访 {n} 位", survey_next: "拨打下一位", survey_about: "正在回访 {citizen}", survey_unreached: "还没有接通", survey_grade: "录入评分", survey_declined: "拒绝回访", survey_noted: "已录入。",
    survey_stopped: { surge: "话务高峰，回访暂停。", hours: "现在不是外呼时间。" }, grades: { 1: "很不满意", 2: "不满意", 3: "一般", 4: "满意", 5: "很满意" },
    own_day: "我的今天", figure: "指标", own: "本人", middle: "全体中位数", no_rank: "只给本人看，不排名。同时在岗不足五席时不显示中位数。",
    knowledge: "知识库", search: "查找（/）", in_writing: "短信：", nothing_known: "没有找到。", insert: "填入工单", inserted: "答复口径已填入工单。", fits: "与来电有关", send: "短信发给市民", sms_sent: "短信已在发送。", sms_refused: "没有发出：不是手机号，或今天已发过。", article_next: "下一条知识", article_before: "上一条知识",
  },
};

const en: typeof zh = {
  agent: {
    no_seat: "Your account has no seat: ask an administrator.", no_call: "No call.", no_ticket: "The ticket of a call stands here once it is answered.", no_phone: "phone not registered",
    exchange_lost: "No contact with the telephone exchange; it is being restored. If you hear the citizen, go on talking; a call that broke off goes on the call-back list, you need not dial. If this stays for a minute, tell the shift manager.",
    login: "Log in", logout: "Log out", ready: "Ready", end_work: "Done, ready", break: "Break", pause: "Pause recording", resume: "Resume recording", sensitive: "sensitive data",
    abuse: "Report abuse", rest_follows: "Noted. A rest follows the call.", withheld: "number withheld", over: "hung up, after-call work", waited: "waited {time}", here_for: "on the line for {time}", called: "dialed {number}",
    in_menu: "menu: {flow}", is_callback: "We called back", earlier: "Same number before", first_call: "First call.", live: "Live captions",
    menus: { intake: "usual call", surge_watch: "call at level watch", surge_high: "call at level high", surge_overload: "call at level overload", night: "night", holiday: "holiday", enterprise: "enterprise desk", dialect: "choice of dialect", emergency: "emergency", missed_call: "call-back is open", notice: "notice", offer_callback: "was offered a call-back", offer_callback_waiting: "was offered a call-back in line", offer_message: "was offered to leave a message", precollect: "stated his matter in line", rating: "rating", self_service: "self-service" },
    caller: "Caller", form: "Ticket",
    work_left: "{time} left, then ready by itself", rest_left: "{time} of rest left, then ready by itself", ended_by_cap: "After-call work has reached its limit: you are ready. The ticket can still be filled in.", cap_shorter: "The surge level rose: after-call work is shorter now.",
    recording_on: "recording", recording_paused: "recording paused",
    grounds: { missed: "missed call", accepted: "call-back promised", message: "voice message" }, promised: "since {at}, called {attempts} times, tried {tries} times",
    survey: "Survey calls", survey_due: "{n} to be asked", survey_next: "Call the next citizen", survey_about: "Asking {citizen}", survey_unreached: "not reached yet", survey_grade: "Enter the grade", survey_declined: "Declined", survey_noted: "Noted.",
    survey_stopped: { surge: "Surveys are stopped in the surge.", hours: "Citizens are not called at this hour." }, grades: { 1: "very bad", 2: "bad", 3: "fair", 4: "good", 5: "very good" },
    own_day: "My day", figure: "Figure", own: "Own", middle: "Middle of all", no_rank: "For you alone, no ranking. With fewer than five seats at work no middle is shown.",
    knowledge: "Articles", search: "Find (/)", in_writing: "In writing:", nothing_known: "Nothing found.", insert: "Put into the ticket", inserted: "The answer is in the ticket.", fits: "fits this call", send: "Send by SMS", sms_sent: "The message is on its way.", sms_refused: "Not sent: no mobile number, or he has got it today.", article_next: "Next article", article_before: "Article before",
  },
};

export const agent = { zh, en };
