// What people read, Chinese first. Components name words; a missing English word does not compile.
import { computed, ref, watchEffect } from "vue";
import { Refused } from "../api/client";
import { admin } from "../desks/admin/words";
import { agent } from "../desks/agent/words";
import { beside } from "../desks/beside/words";
import { duty } from "../desks/duty/words";
import { manager } from "../desks/manager/words";
import { mine } from "../desks/mine/words";
import { player } from "../desks/player/words";
import { quality } from "../desks/quality/words";
import { session } from "../desks/session/words";
import { support } from "../desks/support/words";
import { tickets } from "../desks/tickets/words";
import { softphone } from "../softphone/words";
import { common } from "./common";

export type Language = "zh" | "en";
const KEPT = "language";

/** Every room keeps its own words in ``words.ts``; here they become one dictionary a language. */
const zh = { ...common.zh, ...session.zh, ...agent.zh, ...tickets.zh, ...player.zh, ...quality.zh, ...manager.zh, ...admin.zh, ...softphone.zh, ...mine.zh, ...beside.zh, ...support.zh, ...duty.zh };
const en: typeof zh = { ...common.en, ...session.en, ...agent.en, ...tickets.en, ...player.en, ...quality.en, ...manager.en, ...admin.en, ...softphone.en, ...mine.en, ...beside.en, ...support.en, ...duty.en };

export const language = ref<Language>(localStorage.getItem(KEPT) === "en" ? "en" : "zh");
export const words = computed(() => (language.value === "en" ? en : zh));

watchEffect(() => {
  localStorage.setItem(KEPT, language.value);
  document.documentElement.lang = language.value === "en" ? "en" : "zh-CN";
  document.title = words.value.title;
});

/** ``{name}`` in a text becomes its value. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Names in a row, as the reader's language parts them. */
export function listed(names: readonly string[]): string {
  return names.join(language.value === "en" ? ", " : "、");
}

/** A word of a table by a name from the server; one that is not known shows as it is. */
export function word(table: Record<string, string>, name: string): string {
  return table[name] ?? name;
}

/** Of what the server tells in both languages, "中文 / English", the reader's half. */
export function own(told: string): string {
  const [zh = "", en, ...rest] = told.split(" / ");
  if (en === undefined || rest.length || !/[\u4e00-\u9fff]/.test(zh)) return told;
  return language.value === "en" ? en : zh;
}

/** Why the server refused, in words. */
export function complaint(error: unknown): string {
  if (!(error instanceof Refused)) throw error;
  const known = (words.value.errors as Record<string, string>)[error.id];
  return fill(known ?? words.value.common.failed, { told: own(error.told) || error.id });
}

/** A time as people write it: day and minute, in the page's language. */
export function moment(at: string): string {
  return new Date(at).toLocaleString(language.value === "en" ? "en-GB" : "zh-CN", { dateStyle: "short", timeStyle: "medium" });
}

/** 75 -> 1:15; 3700 -> 1:01:40. */
export function clock(seconds: number): string {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** A moment of today: 9:05. */
export function hourOf(at: string): string {
  return new Date(at).toLocaleTimeString(language.value === "en" ? "en-GB" : "zh-CN", { hour: "2-digit", minute: "2-digit" });
}
