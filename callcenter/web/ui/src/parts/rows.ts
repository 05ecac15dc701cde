// A table's rows walked through by j and k: the row in hand has the focus, and the room's keys act on it.
import { computed, type Ref, ref, useTemplateRef } from "vue";
import { words } from "../words";
import { useKeys } from "./keys";

/** Rows bear ``ref="rows"`` and ``tabindex="-1"``; ``inHand``: whose row it is, ``null`` before the first j. */
export function useRows<T>(items: Readonly<Ref<readonly T[]>>) {
  const rows = useTemplateRef<HTMLElement[]>("rows");
  const at = ref(-1);
  function step(by: number): void {
    at.value = Math.min(Math.max(0, at.value + by), items.value.length - 1);
    rows.value?.[at.value]?.focus();
  }
  useKeys([
    { key: "j", label: () => words.value.keys.row_next, run: () => step(1) },
    { key: "k", label: () => words.value.keys.row_previous, run: () => step(-1) },
  ]);
  const inHand = computed(() => items.value[at.value] ?? null);
  return { at, inHand, element: () => rows.value?.[at.value] ?? null };
}
