// What was typed and could not be saved yet, kept in this tab until the server has it: a reload or a restart loses nothing.
export type Field = "nature" | "topic" | "place" | "unit" | "note";
export type Typed = Partial<Record<Field, string>>;

const KEPT = "typed:";

/** What is left of a ticket from before; empty: all of it was saved. */
export function leftOf(account: string, ticketNo: string): Typed {
  const kept = sessionStorage.getItem(KEPT + account + ":" + ticketNo);
  return kept ? (JSON.parse(kept) as Typed) : {};
}

/** Keep what is typed now; nothing typed: forget it. */
export function keep(account: string, ticketNo: string, typed: Typed): void {
  const key = KEPT + account + ":" + ticketNo;
  if (Object.keys(typed).length) sessionStorage.setItem(key, JSON.stringify(typed));
  else sessionStorage.removeItem(key);
}

/** Tickets of this account with something that was not saved. */
export function leftTickets(account: string): string[] {
  const begin = KEPT + account + ":";
  return Object.keys(sessionStorage).filter((key) => key.startsWith(begin)).map((key) => key.slice(begin.length)).sort();
}
