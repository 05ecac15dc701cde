// The call that was going on when the page was reloaded, kept in its window.
import type { Remembered } from "./decide";

const TALK = "phone_talk";

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
