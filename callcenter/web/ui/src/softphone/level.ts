// How loud the microphone is, for a meter.
import { onMounted, onUnmounted, type Ref, ref } from "vue";
import { audio, microphone, onMicrophone } from "./sound";

const LOOK_MS = 100;
const SAMPLES = 2048;
/** Speech at arm's length fills the meter. */
const FULL = 0.2;

/** 0..1, ten times a second, while the calling component is on the page; opens the microphone. */
export function useLevel(): Ref<number> {
  const level = ref(0);
  const heard = new Float32Array(SAMPLES);
  let source: MediaStreamAudioSourceNode | null = null;
  let meter: AnalyserNode | null = null;
  let timer = 0;

  function listen(stream: MediaStream | null): void {
    source?.disconnect();
    if (!stream) return;
    meter ??= new AnalyserNode(audio(), { fftSize: SAMPLES });
    source = new MediaStreamAudioSourceNode(audio(), { mediaStream: stream });
    source.connect(meter);
  }

  function look(): void {
    meter?.getFloatTimeDomainData(heard);
    const power = heard.reduce((sum, sample) => sum + sample * sample, 0) / SAMPLES;
    level.value = Math.min(1, Math.sqrt(power) / FULL);
  }

  const ignore = onMicrophone(listen);
  onMounted(async () => {
    timer = window.setInterval(look, LOOK_MS);
    listen(await microphone());
  });
  onUnmounted(() => {
    clearInterval(timer);
    ignore();
    source?.disconnect();
  });
  return level;
}
