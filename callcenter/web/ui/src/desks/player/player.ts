// A recording with its waveform: peaks from the server, sound by ranges, listening with one reason; speed, silence left out.
import { onUnmounted, ref, shallowRef, watch } from "vue";
import WaveSurfer from "wavesurfer.js";
import { api, got, type Models } from "../../api/client";
import { forgetAfter } from "../session/personal";
import { silences } from "./said";
import { withSheets } from "./shadowStyle";

type Peaks = Models["PeaksView"];

const LOUDEST = 255;
const SILENCE_S = 2;
const LEAD_S = 0.3;
const HEIGHT = 88;
export const RATES = [0.75, 1, 1.25, 1.5, 2] as const;

/** The reason given last: the next call is often heard for the same. */
export const lastWhy = ref("");
forgetAfter(() => (lastWhy.value = ""));
const rate = ref<number>(1);
const skipsSilence = ref(false);

/** Channels as wavesurfer wants them: 0 to 1; a message has one. */
function channels(peaks: Peaks): number[][] {
  const sides = peaks.agent.length ? [peaks.citizen, peaks.agent] : [peaks.citizen];
  return sides.map((side) => side.map((loudness) => loudness / LOUDEST));
}

function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** A player for one recording; ``second`` is where it is. Speed and silence stay as they are from call to call. */
export function usePlayer() {
  const surfer = shallowRef<WaveSurfer | null>(null);
  const second = ref(0);
  const isPlaying = ref(false);
  const sides = ref(2);
  let silent: [number, number][] = [];

  async function open(box: HTMLElement, recordingId: string, seconds: number, why: string): Promise<void> {
    close();
    const path = { recording_id: recordingId };
    const peaks = await got(api.GET("/api/v1/recordings/{recording_id}/peaks", { params: { path } }));
    const media = new Audio(`/api/v1/recordings/${encodeURIComponent(recordingId)}/media?why=${encodeURIComponent(why)}`);
    media.preload = "none";
    const drawn = channels(peaks);
    sides.value = drawn.length;
    silent = silences(drawn, peaks.per_s, SILENCE_S);
    const colors = ["--talking", "--ready"].map((name) => ({ waveColor: color("--off"), progressColor: color(name) }));
    const made = withSheets(() => WaveSurfer.create({
      container: box,
      media,
      peaks: drawn,
      duration: seconds,
      normalize: true,
      height: HEIGHT / drawn.length,
      splitChannels: colors.slice(0, drawn.length),
      cursorColor: color("--accent"),
      dragToSeek: true,
    }));
    made.setPlaybackRate(rate.value, true);
    made.on("timeupdate", move);
    made.on("play", () => (isPlaying.value = true));
    made.on("pause", () => (isPlaying.value = false));
    surfer.value = made;
    lastWhy.value = why;
  }

  function move(at: number): void {
    second.value = at;
    const span = skipsSilence.value && isPlaying.value ? silent.find(([from, to]) => at >= from && at < to - 2 * LEAD_S) : undefined;
    if (span) surfer.value?.setTime(span[1] - LEAD_S);
  }

  function close(): void {
    surfer.value?.destroy();
    surfer.value = null;
    second.value = 0;
    isPlaying.value = false;
  }

  function playFrom(at: number): void {
    surfer.value?.setTime(at);
    void surfer.value?.play();
  }

  function jump(by: number): void {
    surfer.value?.setTime(Math.max(0, second.value + by));
  }

  function faster(by: 1 | -1): void {
    const at = RATES.indexOf(rate.value as (typeof RATES)[number]) + by;
    rate.value = RATES[Math.min(Math.max(at, 0), RATES.length - 1)] ?? 1;
  }

  watch(rate, (wanted) => surfer.value?.setPlaybackRate(wanted, true));
  onUnmounted(close);
  return { surfer, second, isPlaying, sides, rate, skipsSilence, open, close, playFrom, jump, faster, toggle: () => void surfer.value?.playPause() };
}

export type Player = ReturnType<typeof usePlayer>;
