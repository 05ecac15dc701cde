// What people read at these pages, Chinese first.
const zh = {
  session: {
    sign_in: "登录", sign_out: "退出", name: "账号", secret: "密码",
    first_hint: "首次登录：账号 admin，一次性密码见 callcenter up 的输出。",
    by_provider: "用{name}登录", clock_ahead: "这台电脑的时间比服务器快 {n} 秒，请校准系统时间。动态口令按手机时间生成，手机也请设为自动校时。", clock_behind: "这台电脑的时间比服务器慢 {n} 秒，请校准系统时间。动态口令按手机时间生成，手机也请设为自动校时。",
    sits: "{seat} 上已有人", sits_hint: "接管后对方立即退出，并看到是谁、为什么；正在进行的通话不会断。", leave_seat: "先不接管", take: "接管", taken: "已接管 {seat}。", taken_over: "坐席 {seat_id} 已由 {by} 接管：{why}。需要时请重新登录。",
    again: "登录已过期。请重新登录，页面内容都还在。",
    must_change: "正在使用一次性密码，请尽快修改。",
    change: "修改密码", old: "现在的密码", new: "新密码（至少 12 位）", changed: "密码已修改。",
    code: "动态口令（6 位）", bind: "绑定动态口令", bind_how: "在身份验证器应用中手工添加下面的密钥，再输入它显示的 6 位口令。密钥只显示这一次。", bound: "已绑定，下次登录需要动态口令。", must_bind: "您的角色必须先绑定动态口令。",
    roles: { admin: "管理员", shift_manager: "值班长", team_leader: "组长", qa_reviewer: "质检员", agent: "话务员", auditor: "审计员" },
  },
};

const en: typeof zh = {
  session: {
    sign_in: "Sign in", sign_out: "Sign out", name: "Account", secret: "Password",
    first_hint: "First time: account admin; callcenter up prints the one-time password.",
    by_provider: "Sign in with {name}", clock_ahead: "This computer's clock is {n} s ahead of the server's: please set it right. One-time codes follow the telephone's clock: let it set itself, too.", clock_behind: "This computer's clock is {n} s behind the server's: please set it right. One-time codes follow the telephone's clock: let it set itself, too.",
    sits: "Somebody sits at {seat}", sits_hint: "After taking over the other is signed out at once and sees who did it and why; a running call goes on.", leave_seat: "Not now", take: "Take over", taken: "{seat} is yours now.", taken_over: "{by} took seat {seat_id} over: {why}. Sign in again if you need it.",
    again: "Your session has expired. Sign in again: everything on the page is still there.",
    must_change: "This is the one-time password: please change it.",
    change: "Change password", old: "Present password", new: "New password (12 or more)", changed: "The password was changed.",
    code: "One-time code (6 digits)", bind: "Set up one-time codes", bind_how: "Add this key to your authenticator app by hand, then type the six digits that it shows. The key is shown this once.", bound: "Done: the next sign-in asks for a code.", must_bind: "Your role must set up one-time codes first.",
    roles: { admin: "Administrator", shift_manager: "Shift manager", team_leader: "Team leader", qa_reviewer: "Quality reviewer", agent: "Agent", auditor: "Auditor" },
  },
};

export const session = { zh, en };
