// What people read at these pages, Chinese first.
const zh = {
  accounts: {
    title: "账号", role: "角色", make: "新建账号", codes: "动态口令", bound: "已绑定", state: "状态", disabled: "停用", one_time: "待改密码", active: "正常", enable: "启用", disable: "停用",
    reset: "重置密码", change: "修改账号 {name}", told: "{name} 的一次性密码", once: "只显示这一次，请当面交给本人；首次登录须修改。",
  },
};

const en: typeof zh = {
  accounts: {
    title: "Accounts", role: "Role", make: "New account", codes: "Codes", bound: "set up", state: "State", disabled: "locked out", one_time: "one-time password", active: "active", enable: "Let in again", disable: "Lock out",
    reset: "New password", change: "Change account {name}", told: "One-time password of {name}", once: "Shown this once: hand it over in person. It must be changed at the first sign-in.",
  },
};

export const admin = { zh, en };
