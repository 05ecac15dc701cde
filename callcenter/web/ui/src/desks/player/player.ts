// A recording with its waveform: peaks from the server, sound by ranges, each listening with its reason.
import { onUnmounted, ref, shallowRef } from "vue";
import WaveSurfer from "wavesurfer.js";
import { api, got, type Models } from "../../api/client";

type Peaks = Models["PeaksView"];

const LOUDEST = 255;

/** Channels as wavesurfer wants them: -1 to 1. */
function channels(peaks: Peaks): number[][] {
  return [peaks.citizen, peaks.agent].map((side) => side.map((loudness) => loudness / LOUDEST));
}

function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Its style stands inside the page, which our policy refuses; as a sheet of our own it is allowed. */
function adoptStyle(made: WaveSurfer): void {
  const root = made.getWrapper().getRootNode() as ShadowRoot;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(root.querySelector("style")?.textContent ?? "");
  root.adoptedStyleSheets = [sheet];
}

/** A player for one recording; ``second`` is where it is, ``play`` needs a reason the first time. */
export function usePlayer() {
  const surfer = shallowRef<WaveSurfer | null>(null);
  const second = ref(0);
  const isPlaying = ref(false);

  async function open(box: HTMLElement, recordingId: string, seconds: number, why: string): Promise<void> {
    close();
    const path = { recording_id: recordingId };
    const peaks = await got(api.GET("/api/v1/recordings/{recording_id}/peaks", { params: { path } }));
    const url = `/api/v1/recordings/${encodeURIComponent(recordingId)}/media?why=${encodeURIComponent(why)}`;
    const media = new Audio(url);
    media.preload = "none";
    const made = WaveSurfer.create({
      container: box,
      media,
      peaks: channels(peaks),
      duration: seconds,
      height: 44,
      splitChannels: [
        { waveColor: color("--off"), progressColor: color("--talking") },
        { waveColor: color("--off"), progressColor: color("--ready") },
      ],
      cursorColor: color("--accent"),
      dragToSeek: true,
    });
    adoptStyle(made);
    made.on("timeupdate", (at: number) => (second.value = at));
    made.on("play", () => (isPlaying.value = true));
    made.on("pause", () => (isPlaying.value = false));
    surfer.value = made;
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

  onUnmounted(close);
  return { surfer, second, isPlaying, open, close, playFrom, toggle: () => void surfer.value?.playPause() };
}
