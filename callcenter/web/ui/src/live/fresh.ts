// Lists that are asked of the server, and asked again when something happened that changes them: no polling.
import { onMounted, onUnmounted, type Ref, ref } from "vue";
import { attempt } from "../parts/notes";
import type { Frame } from "./stream";

const PAUSE_MS = 400;

type Listener = (frame: Frame) => void;
const listeners = new Set<Listener>();

/** Tell everybody who listens that a frame came. */
export function tellFrame(frame: Frame): void {
  for (const listener of listeners) listener(frame);
}

/** Hear frames of one type while the calling component is on the page. */
export function onFrame(type: string, hear: Listener): void {
  const listener: Listener = (frame) => {
    if (frame.type === type) hear(frame);
  };
  onMounted(() => listeners.add(listener));
  onUnmounted(() => listeners.delete(listener));
}

/** What ``load`` answers, anew after every event whose type begins with one of ``causes``, and at ``again``. */
export function useFresh<T>(load: () => Promise<T>, causes: readonly string[]): { data: Ref<T | null>; again: () => void } {
  const data = ref(null) as Ref<T | null>;
  let waiting = 0;

  async function ask(): Promise<void> {
    await attempt(async () => (data.value = await load()));
  }

  function again(): void {
    clearTimeout(waiting);
    waiting = window.setTimeout(ask, PAUSE_MS);
  }

  const listener: Listener = ({ type }) => {
    if (causes.some((cause) => type.startsWith(cause))) again();
  };
  onMounted(() => {
    listeners.add(listener);
    void ask();
  });
  onUnmounted(() => {
    listeners.delete(listener);
    clearTimeout(waiting);
  });
  return { data, again };
}
