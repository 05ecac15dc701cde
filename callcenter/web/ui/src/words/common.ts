// What people read on every page, Chinese first.
const zh = {
  title: "12345 热线",
  other_language: "English",
  theme: { auto: "跟随系统", light: "浅色", dark: "深色", label: "外观" },
  keys: { title: "快捷键", close: "关闭", help: "快捷键一览", row_next: "下一行", row_previous: "上一行" },
  link: { connecting: "连接中…", live: "实时", lost: "已断开" },
  stale: "数据停在 {at}，正在重新连接；电话不受影响。",
  common: { cancel: "取消", save: "保存", apply: "执行", undo: "撤销", why: "原因（记入审计）", failed: "未成功：{told}", none: "—", of: "{a} / {b}", earlier_page: "上一页", later_page: "下一页", range: "{a}–{b}，共 {n}" },
  nav: { label: "页面", agent: "坐席台", board: "值班看板", wall: "大屏", owed: "漏话与回拨", tickets: "工单", quality: "质检", sampling: "抽检", search: "检索", mine: "我的", support: "支援", duty: "排班", house: "设置" },
  unmask: { show: "显示号码", hide: "隐藏", title: "显示完整号码（30 秒，记入审计）" },
  errors: {
    oidc_no_role: "统一身份认证里没有本系统的角色，请找管理员", oidc_name_taken: "同名账号已被密码登录的人占用，请找管理员", oidc_locked_out: "账号已停用", oidc_stale: "登录超时或已用过，请再点一次", oidc_unreachable: "统一身份认证没有应答，请稍后再试或用密码登录", oidc_expired: "统一身份认证的时间与本服务器不一致，请管理员校准时间", not_your_seat: "不是您的坐席",
    wrong_credentials: "账号或密码不对", too_many_tries: "尝试次数过多，请稍后再试", weak_password: "新密码太容易猜：不能含账号名，请换一个",
    unreachable: "服务没有应答", forbidden: "没有权限", no_reason: "请写明原因", why_missing: "请写明原因", ticket_incomplete: "还缺性质、类别或承办单位", wrong_ticket_state: "工单状态已变，请再看一眼", recording_deleted: "录音已按期删除", nothing_to_undo: "没有可撤销的切换", not_signed_in: "请先登录", code_needed: "请输入动态口令", wrong_code: "动态口令不对，或已用过", wrong_setting_state: "设置没有变，或又被改过，请再看一眼", last_admin: "至少保留一名管理员", wrong_account_state: "账号已存在",
    bad_setting: "{told}", bad_recording: "{told}", wrong_prompt_state: "现在播放的就是这一版", unknown_version: "这一版已不在，请再看一眼", disk_full: "服务器磁盘已满，请联系管理员", voice_failed: "语音合成没有应答，请再试一次", request_entity_too_large: "文件太大",
    wrong_reviewer: "这个人不能评这一份：是本人、已看过评分，或已有人评", wrong_review_state: "这份质检的状态已变，请再看一眼", bad_grades: "评分还不完整", wrong_scorecard: "评分表已换版，请重新质检", wrong_week: "这一周还没结束", bad_week: "周写成 2026-W47", unknown_reviewer: "没有这个质检员",
  },
};

const en: typeof zh = {
  title: "12345 hotline",
  other_language: "中文",
  theme: { auto: "As the system", light: "Light", dark: "Dark", label: "Appearance" },
  keys: { title: "Keyboard shortcuts", close: "Close", help: "All shortcuts", row_next: "Next row", row_previous: "Row before" },
  link: { connecting: "connecting…", live: "live", lost: "disconnected" },
  stale: "This is how it was at {at}; reconnecting. Calls are not affected.",
  common: { cancel: "Cancel", save: "Save", apply: "Apply", undo: "Undo", why: "Reason (for the audit)", failed: "Not done: {told}", none: "—", of: "{a} of {b}", earlier_page: "Back", later_page: "On", range: "{a}–{b} of {n}" },
  nav: { label: "Pages", agent: "My desk", board: "Shift board", wall: "Wall", owed: "Calls owed", tickets: "Tickets", quality: "Quality", sampling: "Sampling", search: "Search", mine: "Mine", support: "Help", duty: "Shifts", house: "House" },
  unmask: { show: "Show number", hide: "Hide", title: "Show the whole number (30 s, audited)" },
  errors: {
    oidc_no_role: "the identity provider gives you no role of this house: ask an administrator", oidc_name_taken: "an account of this name signs in by password: ask an administrator", oidc_locked_out: "the account is locked out", oidc_stale: "this sign-in took too long or was used: press once more", oidc_unreachable: "the identity provider does not answer: try later, or use a password", oidc_expired: "the identity provider's clock is not this server's: an administrator should set it", not_your_seat: "this is not your seat",
    wrong_credentials: "wrong account or password", too_many_tries: "too many tries, please wait", weak_password: "the new password is too easy to guess; it must not contain the account's name",
    unreachable: "the server does not answer", forbidden: "your role does not allow this", no_reason: "please give a reason", why_missing: "please give a reason", ticket_incomplete: "nature, topic or unit is missing", wrong_ticket_state: "the ticket has changed: look again", recording_deleted: "the recording was deleted when its time was over", nothing_to_undo: "there is no switch to undo", not_signed_in: "please sign in", code_needed: "a one-time code is needed", wrong_code: "this code is wrong or was used", wrong_setting_state: "nothing changed, or it was changed again: look anew", last_admin: "one administrator must stay", wrong_account_state: "this account exists already",
    bad_setting: "{told}", bad_recording: "{told}", wrong_prompt_state: "callers hear this one already", unknown_version: "this version is gone: look again", disk_full: "the server's disk is full: tell an administrator", voice_failed: "the voice does not answer: try again", request_entity_too_large: "the file is too big",
    wrong_reviewer: "this person may not review it: it is his own call, he has seen the grades, or somebody has it already", wrong_review_state: "the review has changed: look again", bad_grades: "grades are missing", wrong_scorecard: "the scorecard is another one by now: review anew", wrong_week: "the week is not over", bad_week: "write a week as 2026-W47", unknown_reviewer: "there is no such reviewer",
  },
};

export const common = { zh, en };
