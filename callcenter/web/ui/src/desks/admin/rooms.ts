// The rooms of the house page, each loaded when it is opened; the server decides who may, this only shows what may be opened.
import { type Component, defineAsyncComponent } from "vue";
import type { admin } from "./words";

export type RoomName = keyof typeof admin.zh.house.rooms;

interface Room {
  name: RoomName;
  need: string;
  view: Component;
}

function later(load: () => Promise<{ default: Component }>): Component {
  return defineAsyncComponent(load);
}

export const ROOMS: readonly Room[] = [
  { name: "accounts", need: "house.administer", view: later(() => import("./AccountsPage.vue")) },
  { name: "settings", need: "house.read", view: later(() => import("./SettingsRoom.vue")) },
  { name: "seats", need: "house.read", view: later(() => import("./SeatRoom.vue")) },
  { name: "flows", need: "house.read", view: later(() => import("./FlowRoom.vue")) },
  { name: "prompts", need: "house.read", view: later(() => import("./PromptRoom.vue")) },
  { name: "notices", need: "house.read", view: later(() => import("./NoticeRoom.vue")) },
  { name: "calendar", need: "house.read", view: later(() => import("./CalendarRoom.vue")) },
  { name: "departments", need: "house.read", view: later(() => import("./DepartmentRoom.vue")) },
  { name: "roles", need: "house.read", view: later(() => import("./RoleTable.vue")) },
  { name: "sessions", need: "signed_in", view: later(() => import("./SessionList.vue")) },
  { name: "audit", need: "audit.read", view: later(() => import("./AuditBook.vue")) },
];
