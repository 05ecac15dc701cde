// Times as people read them, in the language of the page.
import type { Models } from "../../api/client";
import { language, words } from "../../words";

/** Month, day, hour and minute. */
export function moment(at: string): string {
  const locale = language.value === "en" ? "en-GB" : "zh-CN";
  return new Date(at).toLocaleString(locale, { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
}

/** The name in the language of the page. */
export function named(one: { zh: string; en: string }): string {
  return language.value === "en" ? one.en : one.zh;
}

/** A grade's name in the language of the page; a city's card may have none in English. */
export function gradeName(criterion: Models["CriterionView"], grade: number): string {
  const english = language.value === "en" ? criterion.grades_en[grade] : undefined;
  return english ?? criterion.grades[grade] ?? String(grade);
}

/** What a rule looks for; figures that each finding fills in stay open. */
export function ruleName(rule: { rule_id: string; zh: string; en: string }): string {
  return words.value.quality.rules[rule.rule_id] ?? named(rule).replace(/\{\w+\}/g, "…");
}

export function percent(share: number): number {
  return Math.round(share * 100);
}
