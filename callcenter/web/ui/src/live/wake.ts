// The computer slept, the page was frozen, or the network is back: who keeps a way to the house asks it anew, for it may be dead.

/** Hidden pages are given a timer a minute, but messages as they come, of which the house sends one at least every ten seconds. */
const SLEPT_MS = 12_000;

const listeners = new Set<() => void>();
let livedAt = Date.now();
let isWoken = false;

/** Something ran here, a timer or a message; after a long silence that is waking up. A clock that is set does no harm. */
export function lived(): void {
  const at = Date.now();
  const hasSlept = at - livedAt > SLEPT_MS;
  livedAt = at;
  if (hasSlept) wake();
}

/** Hear of every waking up; gives back how to stop. */
export function onWake(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function wake(): void {
  if (isWoken) return; // told by several signs at once
  isWoken = true;
  queueMicrotask(() => (isWoken = false));
  listeners.forEach((listener) => listener());
}

document.addEventListener("visibilitychange", lived);
document.addEventListener("resume", wake);
addEventListener("pageshow", ({ persisted }) => persisted && wake());
addEventListener("online", wake);
