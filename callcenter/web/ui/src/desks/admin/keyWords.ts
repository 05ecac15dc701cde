// What the shortcuts of the house's rooms do, Chinese first.
const zh = { room_next: "下一间设置", room_previous: "上一间设置", new_account: "新建账号（填名字）", role: "改这一行的角色", lock: "停用或启用这一行", reset: "重置这一行的密码", skills: "这一行的技能组", change: "修改这一行", undo: "撤销最近一次修改", open: "打开这一行", edit: "编辑文本", take: "发布记录", notice: "写公告", end: "结束这一行的会话", all: "看所有人的", filter: "查询条件" };

const en: typeof zh = { room_next: "Next room of the house", room_previous: "Room before", new_account: "New account: its name", role: "Role of this row", lock: "Lock out, or let in, this row", reset: "New password for this row", skills: "Skill groups of this row", change: "Change this row", undo: "Undo the newest change", open: "Open this row", edit: "Edit the text", take: "Versions", notice: "Write a notice", end: "End the session of this row", all: "Everybody's", filter: "What to look for" };

export const roomKeys = { zh, en };
