// What a reloaded page still knows of its phone: the call that was going on, and that its line was checked.
import type { Remembered } from "./decide";

const TALK = "phone_talk";
const CHECKED = "phone_checked";

interface Talk extends Remembered {
  seatId: string;
}

export function rememberTalk(seatId: string, contactId: string): void {
  sessionStorage.setItem(TALK, JSON.stringify({ seatId, contactId, atMs: Date.now() } satisfies Talk));
}

export function forgetTalk(): void {
  sessionStorage.removeItem(TALK);
}

export function recallTalk(seatId: string): Remembered | null {
  const talk = JSON.parse(sessionStorage.getItem(TALK) ?? "null") as Talk | null;
  return talk?.seatId === seatId ? talk : null;
}

export function rememberCheck(seatId: string): void {
  sessionStorage.setItem(CHECKED, seatId);
}

export function wasChecked(seatId: string): boolean {
  return sessionStorage.getItem(CHECKED) === seatId;
}

/** Somebody else may sit here next. */
export function forgetAll(): void {
  forgetTalk();
  sessionStorage.removeItem(CHECKED);
}
