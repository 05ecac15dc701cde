// The ring of an incoming call, made here: the tone of this country's telephones, one second of five.
import { audio } from "./sound";

const TONE_HZ = 450;
const LOUDNESS = 0.15;
const EDGE_S = 0.02;
const ON_S = 1;
const PERIOD_MS = 5000;

let timer = 0;
let sounding: OscillatorNode | null = null;

export function startRing(): void {
  if (timer) return;
  ringOnce();
  timer = window.setInterval(ringOnce, PERIOD_MS);
}

export function stopRing(): void {
  clearInterval(timer);
  timer = 0;
  sounding?.stop();
  sounding = null;
}

function ringOnce(): void {
  const context = audio();
  const tone = new OscillatorNode(context, { frequency: TONE_HZ });
  const loudness = new GainNode(context, { gain: 0 });
  const at = context.currentTime;
  loudness.gain.setValueAtTime(0, at);
  loudness.gain.linearRampToValueAtTime(LOUDNESS, at + EDGE_S);
  loudness.gain.setValueAtTime(LOUDNESS, at + ON_S - EDGE_S);
  loudness.gain.linearRampToValueAtTime(0, at + ON_S);
  tone.connect(loudness).connect(context.destination);
  tone.start(at);
  tone.stop(at + ON_S);
  sounding = tone;
}
