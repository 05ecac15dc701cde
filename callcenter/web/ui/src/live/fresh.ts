// Lists that are asked of the server, and asked again when something happened that changes them: no polling.
import { onMounted, onUnmounted, type Ref, ref } from "vue";
import { attempt } from "../parts/notes";
import { type Frame, RESUMED, type ResumedFrame } from "./stream";

const PAUSE_MS = 400;

type Listener = (frame: Frame) => void;
const listeners = new Set<Listener>();

/** Tell everybody who listens that a frame came. */
export function tellFrame(frame: Frame): void {
  for (const listener of listeners) listener(frame);
}

/** Hear frames while the calling component is on the page. */
function hearFrames(listener: Listener): void {
  onMounted(() => listeners.add(listener));
  onUnmounted(() => listeners.delete(listener));
}

/** Hear frames of one type while the calling component is on the page. */
export function onFrame(type: string, hear: Listener): void {
  hearFrames((frame) => {
    if (frame.type === type) hear(frame);
  });
}

/** What ``load`` answers, anew after every event whose type begins with one of ``causes``, and at ``again``.
 * What could not be answered, or changed unseen, is asked again when the stream is back; an answer that was overtaken counts no more. */
export function useFresh<T>(load: () => Promise<T>, causes: readonly string[]): { data: Ref<T | null>; again: () => void } {
  const data = ref(null) as Ref<T | null>;
  let waiting = 0;
  let newest = 0;
  let isOwed = false;

  async function ask(): Promise<void> {
    const own = ++newest;
    const isAnswered = await attempt(async () => {
      const told = await load();
      if (own === newest) data.value = told;
    });
    if (own === newest) isOwed = !isAnswered;
  }

  function again(): void {
    clearTimeout(waiting);
    waiting = window.setTimeout(ask, PAUSE_MS);
  }

  hearFrames((frame) => {
    const isDue = frame.type === RESUMED ? isOwed || (frame as ResumedFrame).hasMissed : causes.some((cause) => frame.type.startsWith(cause));
    if (isDue) again();
  });
  onMounted(() => void ask());
  onUnmounted(() => clearTimeout(waiting));
  return { data, again };
}
