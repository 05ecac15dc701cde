// Short notes to the person at the desk: what was done, what was refused. Read out by screen readers.
import { reactive } from "vue";
import { Refused } from "../api/client";
import { complaint } from "../words";

const STAYS_MS = 8_000;

export interface Note {
  id: number;
  text: string;
  isProblem: boolean;
}

export const notes = reactive<Note[]>([]);
let last = 0;

export function note(text: string, isProblem = false): void {
  const id = ++last;
  notes.push({ id, text, isProblem });
  setTimeout(() => dismiss(id), STAYS_MS);
}

export function dismiss(id: number): void {
  const at = notes.findIndex((shown) => shown.id === id);
  if (at >= 0) notes.splice(at, 1);
}

/** The dialog for signing in again says it already. */
function isAboutSession(error: unknown): boolean {
  return error instanceof Refused && error.id === "not_signed_in";
}

/** Do something; what the server refuses is told. */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!isAboutSession(error)) note(complaint(error), true);
    return false;
  }
}
