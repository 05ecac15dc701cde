// The ring of an incoming call, made here: the tone of this country's telephones, one second of five, on a device of its own.
import { audio, playAt } from "./sound";

const TONE_HZ = 450;
const LOUDNESS = 0.15;
const EDGE_S = 0.02;
const ON_S = 1;
const PERIOD_MS = 5000;

let timer = 0;
let sounding: OscillatorNode | null = null;
let bell: { player: HTMLAudioElement; way: MediaStreamAudioDestinationNode } | null = null;

export function startRing(): void {
  if (timer) return;
  void ringOnce();
  timer = window.setInterval(() => void ringOnce(), PERIOD_MS);
}

export function stopRing(): void {
  clearInterval(timer);
  timer = 0;
  sounding?.stop();
  sounding = null;
  bell?.player.pause();
}

/** One second of it, to be heard where it is wanted now. */
export async function ringOnce(): Promise<void> {
  const context = audio();
  const { player, way } = (bell ??= makeBell(context));
  const tone = new OscillatorNode(context, { frequency: TONE_HZ });
  const loudness = new GainNode(context, { gain: 0 });
  const at = context.currentTime;
  loudness.gain.setValueAtTime(0, at);
  loudness.gain.linearRampToValueAtTime(LOUDNESS, at + EDGE_S);
  loudness.gain.setValueAtTime(LOUDNESS, at + ON_S - EDGE_S);
  loudness.gain.linearRampToValueAtTime(0, at + ON_S);
  tone.connect(loudness).connect(way);
  tone.start(at);
  tone.stop(at + ON_S);
  sounding = tone;
  await playAt(player, "ring");
  await player.play().catch(() => undefined); // answered before it began
}

function makeBell(context: AudioContext): NonNullable<typeof bell> {
  const way = new MediaStreamAudioDestinationNode(context);
  const player = new Audio();
  player.srcObject = way.stream;
  player.dataset.bell = "";
  document.body.append(player); // as with lines: plays in every browser, and can be found
  return { player, way };
}
