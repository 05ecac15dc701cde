// Keyboard shortcuts: one registry, so that ? can show them all and no two actions share a key.
import { onBeforeUnmount, reactive } from "vue";

export interface Shortcut {
  key: string;
  label: () => string;
  run: () => void;
}

const shortcuts = reactive(new Map<string, Shortcut>());

/** Shortcuts that hold while the calling component is on the page. */
export function useKeys(wanted: readonly Shortcut[]): void {
  for (const shortcut of wanted) {
    if (shortcuts.has(shortcut.key)) throw new Error(`two actions want the key ${shortcut.key}`);
    shortcuts.set(shortcut.key, shortcut);
  }
  onBeforeUnmount(() => wanted.forEach((shortcut) => shortcuts.delete(shortcut.key)));
}

/** All that hold now and do something, by key. */
export function allKeys(): Shortcut[] {
  return [...shortcuts.values()].filter(({ label }) => label()).sort((a, b) => a.key.localeCompare(b.key));
}

const TYPED = "input:not([type=checkbox]), textarea, select, [contenteditable]";
const PRESSED = "button, a, summary, label, input";
const PRESSES = [" ", "Enter"];

/** Whether somebody is typing: nothing may take the focus away. */
export function isTyping(): boolean {
  return document.activeElement?.closest(TYPED) != null;
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target instanceof HTMLElement && event.target.closest(TYPED)) {
    if (event.key === "Escape" && !event.target.closest("dialog")) event.target.blur(); // out of typing: keys are shortcuts again
    return;
  }
  if (PRESSES.includes(event.key) && event.target instanceof Element && event.target.closest(PRESSED)) return; // presses that
  const shortcut = shortcuts.get(event.key);
  if (!shortcut) return;
  event.preventDefault();
  shortcut.run();
});
