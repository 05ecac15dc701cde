// What people read, in both languages. Code elsewhere only names keys.
const CATALOG = {
  zh: {
    title: "热线实时看板", other: "English", sign_in: "登录", sign_out: "退出", name: "账号", secret: "密码",
    first_hint: "首次登录：账号 admin，一次性密码见 callcenter up 的输出。",
    must_change: "正在使用一次性密码，请尽快修改。", password_change: "修改密码", secret_old: "现在的密码",
    secret_new: "新密码（至少 12 位）", cancel: "取消", save: "保存",
    queues: "队列", seats: "坐席", calls: "当前来电", tickets: "最近工单", off_seats: "签出：",
    waiting: "排队", longest: "最长等待", ready_seats: "空闲坐席", unknown: "—",
    contact: "来电", citizen: "号码", state: "状态", queue: "队列", seat: "坐席", duration: "时长",
    ticket_no: "工单号", nature: "性质", topic: "类别", created: "时间",
    no_calls: "没有来电", no_tickets: "还没有工单", live: "实时", connecting: "连接中…", lost: "已断开",
    stale: "数据已过期 · 最后更新 {at} · 正在重新连接", wish: "通话后：{what}", logged_in: "{in} 签入 / {all} 席", count: "{n} 个",
    seat_states: { off: "签出", ready: "示闲", ringing: "振铃", dialing: "回拨", talking: "通话", wrap_up: "整理", on_break: "小休", unreachable: "失联" },
    contact_states: { arrived: "接入", waiting: "排队", ringing: "振铃", talking: "通话", talked: "已通话", leaving: "离开", ended: "结束" },
    level: "级别", proposed: "建议 {level}", declared: "人工宣布", levels: ["平时", "关注", "高峰", "过载"],
    grounds: { missed: "漏话待回", accepted: "预约回呼", message: "留言待办" },
    ticket_states: { draft: "草稿", ready: "待审" },
    component_states: { up: "正常", degraded: "降级", down: "故障" },
    natures: { help: "求助", consult: "咨询", complaint: "投诉", tip_off: "举报", suggestion: "建议", praise: "表扬" },
    wishes: { login: "签入", ready: "示闲", break: "小休", logout: "签出" },
    reasons: { wrap_up: "话后整理", rang_out: "多次未接", rejected: "拒接", rest: "休息", callback: "回拨" },
    errors: {
      wrong_credentials: "账号或密码不对", too_many_tries: "尝试次数过多，请稍后再试", weak_password: "新密码太容易猜，请换一个",
      unreachable: "服务没有应答", forbidden: "没有权限",
    },
    failed: "未成功（{id}）",
  },
  en: {
    title: "Hotline live board", other: "中文", sign_in: "Sign in", sign_out: "Sign out", name: "Account", secret: "Password",
    first_hint: "First time: account admin; callcenter up prints the one-time password.",
    must_change: "This is the one-time password: please change it.", password_change: "Change password", secret_old: "Present password",
    secret_new: "New password (12 or more)", cancel: "Cancel", save: "Save",
    queues: "Queues", seats: "Seats", calls: "Calls now", tickets: "Recent tickets", off_seats: "Logged out:",
    waiting: "waiting", longest: "longest wait", ready_seats: "ready seats", unknown: "—",
    contact: "Contact", citizen: "Number", state: "State", queue: "Queue", seat: "Seat", duration: "Duration",
    ticket_no: "Ticket", nature: "Nature", topic: "Topic", created: "Time",
    no_calls: "No calls", no_tickets: "No tickets yet", live: "live", connecting: "connecting…", lost: "disconnected",
    stale: "Stale data · last update {at} · reconnecting", wish: "after call: {what}", logged_in: "{in} logged in of {all}", count: "{n}",
    seat_states: { off: "off", ready: "ready", ringing: "ringing", dialing: "calling back", talking: "talking", wrap_up: "wrap-up", on_break: "break", unreachable: "unreachable" },
    level: "Level", proposed: "proposed: {level}", declared: "declared", levels: ["normal", "watch", "surge", "overload"],
    grounds: { missed: "missed calls", accepted: "call-backs", message: "messages" },
    contact_states: {}, ticket_states: {}, component_states: {}, natures: { tip_off: "tip-off" },
    wishes: { login: "log in", ready: "ready", break: "break", logout: "log out" },
    reasons: { wrap_up: "after-call work", rang_out: "rang out", rejected: "rejected a call", rest: "rest", callback: "call-back" },
    errors: {
      wrong_credentials: "Wrong name or password", too_many_tries: "Too many tries; wait a while", weak_password: "Too easy to guess; choose another",
      unreachable: "The server does not answer", forbidden: "Not allowed",
    },
    failed: "It did not work ({id})",
  },
};

const KEPT = "callcenter.language";
let language = kept();

function kept() {
  try { return localStorage.getItem(KEPT) === "en" ? "en" : "zh"; } catch { return "zh"; }
}

/** The text of a key, with {names} filled in. */
export function text(key, values = {}) {
  return CATALOG[language][key].replace(/{(\w+)}/g, (_, name) => values[name]);
}

/** The word for a value of a kind such as seat_states; an unknown value stands for itself. */
export function word(kind, value) {
  return CATALOG[language][kind][value] ?? value;
}

/** The sentence for an error id. */
export function complaint(id) {
  return CATALOG[language].errors[id] ?? text("failed", { id });
}

/** Change to the other language and put every marked element into it. */
export function switchLanguage() {
  language = language === "zh" ? "en" : "zh";
  try { localStorage.setItem(KEPT, language); } catch { /* private mode: for this page only */ }
  translate();
}

/** Put every element marked with data-text into the present language. */
export function translate() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = `12345 · ${text("title")}`;
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
  const button = document.getElementById("language");
  button.textContent = text("other");
  button.lang = language === "zh" ? "en" : "zh-CN";
}
