// Which calls are listed, and which part of them; kept while the page is left and come back to.
import { computed, reactive } from "vue";
import { forgetAfter } from "../session/personal";
import { session } from "../session/session";

export type ReviewFilter = "" | "none" | "assigned" | "submitted" | "answered" | "ruled";
export const REVIEW_FILTERS: readonly ReviewFilter[] = ["none", "assigned", "submitted", "answered", "ruled"];
export const PART = 50;
const DOUBTFUL = 0.5;
const DAY_MS = 86_400_000;

const ALL = { seat: "", from: "", until: "", topic: "", doubtful: false, review: "" as ReviewFilter, mine: false, offset: 0 };
export const filters = reactive({ ...ALL });
forgetAfter(() => Object.assign(filters, ALL));

/** The filters as the API wants them. */
export const wanted = computed(() => ({
  ...(/^\d{4}$/.test(filters.seat) ? { seat_id: filters.seat } : {}),
  ...(filters.from ? { from: midnight(filters.from) } : {}),
  ...(filters.until ? { until: midnight(filters.until, 1) } : {}),
  ...(filters.topic ? { topic: filters.topic } : {}),
  ...(filters.doubtful ? { min_concern: DOUBTFUL } : {}),
  ...(filters.review ? { review: filters.review } : {}),
  ...(filters.mine && session.me ? { reviewer: session.me.name } : {}),
}));

/** The beginning of a day here, or of one so many days later. */
function midnight(day: string, later = 0): string {
  const at = new Date(`${day}T00:00`);
  return new Date(at.getTime() + later * DAY_MS).toISOString();
}
