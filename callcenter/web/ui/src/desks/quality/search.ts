// What is looked for; kept while the page is left and come back to.
import { computed, reactive } from "vue";
import { forgetAfter } from "../session/personal";

export const PART = 20;
const NOTHING = { q: "", seat: "", since: "", until: "", topic: "", nature: "", low: "" as string | number, high: "" as string | number };
export const asked = reactive({ ...NOTHING });
forgetAfter(() => Object.assign(asked, NOTHING));

/** The day behind this one: the server's end is exclusive, a person's is not. */
function dayAfter(day: string): string {
  const at = new Date(`${day}T00:00Z`);
  at.setUTCDate(at.getUTCDate() + 1);
  return at.toISOString().slice(0, 10);
}

/** The question as the API wants it. */
export const question = computed(() => ({
  q: asked.q,
  ...(asked.seat ? { seat_id: asked.seat } : {}),
  ...(asked.since ? { since: asked.since } : {}),
  ...(asked.until ? { until: dayAfter(asked.until) } : {}),
  ...(asked.topic ? { topic: asked.topic } : {}),
  ...(asked.nature ? { nature: asked.nature } : {}),
  ...(asked.low !== "" ? { score_min: Number(asked.low) } : {}),
  ...(asked.high !== "" ? { score_max: Number(asked.high) } : {}),
}));
