// The third in a talk, as the event stream tells: asked, come, not reached, gone.
import { ref, watch } from "vue";
import { onFrame } from "../live/fresh";
import type { Frame } from "../live/stream";

export type Standing = "asked" | "here" | "unreached";

interface Told extends Frame {
  subject: { contact_id?: string };
  data: { third?: string; came_about?: boolean };
}

/** Who is asked into the talk with a contact, and what became of it. */
export function useThird(contactId: () => string | null) {
  const third = ref<{ who: string; standing: Standing } | null>(null);

  function become(frame: Frame, standing: Standing | null): void {
    const told = frame as Told;
    if (told.subject.contact_id !== contactId()) return;
    third.value = standing && { who: third.value?.who ?? told.data.third ?? "", standing };
  }

  onFrame("conference.begun", (frame) => become(frame, "here"));
  onFrame("conference.third_unreached", (frame) => become(frame, "unreached"));
  onFrame("conference.ended", (frame) => become(frame, (frame as Told).data.came_about ? null : "unreached"));
  watch(contactId, () => (third.value = null));
  return { third, asked: (who: string) => (third.value = { who, standing: "asked" }) };
}
