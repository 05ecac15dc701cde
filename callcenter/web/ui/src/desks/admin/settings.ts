// How a setting's value is written for people, and read back from what they type.
import type { Models } from "../../api/client";
import { words } from "../../words";

type Setting = Models["SettingView"];
export type Value = Setting["value"];

/** A list becomes lines. */
export function told(value: Value | null | undefined): string {
  if (value == null) return words.value.settings.as_configured;
  const text = Array.isArray(value) ? value.join("\n") : String(value);
  return text || words.value.common.none;
}

/** What is typed into the field of a setting. */
export function typed(setting: Setting, text: string): Value {
  if (setting.kind === "lines") return text.split("\n").map((line) => line.trim()).filter(Boolean);
  return setting.kind === "text" ? text.trim() : Number(text);
}

/** What stands in the field at first. */
export function written(value: Value): string {
  return Array.isArray(value) ? value.join("\n") : String(value);
}
