// Weeks as ISO 8601 names them.

const DAY_MS = 86_400_000;

/** The week of a day, as 2026-W47: the week of its Thursday. */
export function weekOf(day: Date): string {
  const thursday = new Date(Date.UTC(day.getFullYear(), day.getMonth(), day.getDate() + 3 - ((day.getDay() + 6) % 7)));
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  const week = Math.floor((thursday.getTime() - first) / (7 * DAY_MS)) + 1;
  return `${thursday.getUTCFullYear()}-W${String(week).padStart(2, "0")}`;
}
