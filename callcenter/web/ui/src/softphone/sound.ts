// Microphone and loudspeaker: chosen and kept on this computer, changed in the middle of a call; what is wrong is told by name.
import { reactive } from "vue";

export type MicProblem = "insecure" | "denied" | "none" | "busy";

const KEPT_INPUT = "microphone";
const KEPT_OUTPUT = "loudspeaker";
/** ``localStorage.audio_processing = "off"``: sound as it is, for measurements; else as people want it. */
const hasProcessing = localStorage.getItem("audio_processing") !== "off";

export const sound = reactive({
  inputs: [] as MediaDeviceInfo[],
  outputs: [] as MediaDeviceInfo[],
  input: localStorage.getItem(KEPT_INPUT) ?? "",
  output: localStorage.getItem(KEPT_OUTPUT) ?? "",
  problem: null as MicProblem | null,
});

type Listener = (stream: MediaStream) => void;
const listeners = new Set<Listener>();
let opening: Promise<MediaStream | null> | null = null;
let open: MediaStream | null = null;
let context: AudioContext | null = null;

/** The one audio context of the page. */
export function audio(): AudioContext {
  context ??= new AudioContext();
  void context.resume();
  return context;
}

/** Hear of every microphone that is opened in place of another; gives back how to stop. */
export function onMicrophone(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The open microphone, opened if need be; null: ``sound.problem`` says why there is none. */
export function microphone(): Promise<MediaStream | null> {
  if (open?.getAudioTracks()[0]?.readyState === "live") return Promise.resolve(open);
  opening ??= ask().finally(() => (opening = null));
  return opening;
}

/** Let go of the microphone: nobody telephones here any more. */
export function closeMicrophone(): void {
  open?.getTracks().forEach((track) => track.stop());
  open = null;
}

export async function choose(input: string, output: string): Promise<void> {
  const isNew = input !== sound.input;
  Object.assign(sound, { input, output });
  localStorage.setItem(KEPT_INPUT, input);
  localStorage.setItem(KEPT_OUTPUT, output);
  if (isNew) await renew();
}

/** The loudspeaker to play through; empty: the system's. */
export function loudspeaker(): string {
  return sound.outputs.some(({ deviceId }) => deviceId === sound.output) ? sound.output : "";
}

async function ask(): Promise<MediaStream | null> {
  if (!navigator.mediaDevices) {
    sound.problem = "insecure";
    return null;
  }
  try {
    const wanted: MediaTrackConstraints = {
      echoCancellation: hasProcessing, noiseSuppression: hasProcessing, autoGainControl: hasProcessing,
    };
    if (sound.input) wanted.deviceId = { ideal: sound.input };
    open = await navigator.mediaDevices.getUserMedia({ audio: wanted });
    sound.problem = null;
    open.getAudioTracks()[0]?.addEventListener("ended", () => void renew()); // unplugged, or the permission was taken back
    await list();
    return open;
  } catch (error) {
    open = null;
    sound.problem = problemOf(error);
    return null;
  }
}

function problemOf(error: unknown): MicProblem {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  return name === "NotFoundError" || name === "OverconstrainedError" ? "none" : "busy";
}

/** Open anew, as chosen or as the system has it now, and tell the lines. */
async function renew(): Promise<void> {
  const before = open;
  open = null;
  const stream = await microphone();
  before?.getTracks().forEach((track) => track.stop());
  if (stream) listeners.forEach((listener) => listener(stream));
}

async function list(): Promise<void> {
  const all = await navigator.mediaDevices.enumerateDevices();
  const named = (kind: string) => all.filter((device) => device.kind === kind && device.deviceId !== "");
  sound.inputs = named("audioinput");
  sound.outputs = named("audiooutput");
}

navigator.mediaDevices?.addEventListener("devicechange", async () => {
  if (!open && !sound.problem) return; // nobody has telephoned here yet
  await list();
  const used = open?.getAudioTracks()[0];
  const isAsChosen = used?.readyState === "live" && sound.input !== "" && used.getSettings().deviceId === sound.input;
  if (!isAsChosen) await renew();
});
