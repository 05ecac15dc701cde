// Which tickets are listed; kept while the page is left and come back to.
import { computed, reactive } from "vue";
import type { Models } from "../../api/client";

export type Standing = Models["TicketWorkView"]["standing"];
export const STANDINGS: readonly Standing[] = ["open", "answered", "handed_on"];
export const PART = 50;
const DAY_H = 24;

export const filters = reactive({ standing: "open" as Standing, age: "" as "" | "day_old" | "late", nature: "", topic: "", oldestFirst: false, offset: 0 });

/** The filters as the API wants them. */
export const wanted = computed(() => ({
  standing: filters.standing,
  ...(filters.age === "late" ? { late: true } : {}),
  ...(filters.age === "day_old" ? { older_h: DAY_H } : {}),
  ...(filters.nature ? { nature: filters.nature } : {}),
  ...(filters.topic ? { topic: filters.topic } : {}),
  ...(filters.oldestFirst ? { oldest_first: true } : {}),
}));
