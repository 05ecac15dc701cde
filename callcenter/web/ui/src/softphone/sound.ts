// Microphone, loudspeaker and bell: chosen and kept on this computer, changed in the middle of a call; what is wrong is told by name.
import { reactive } from "vue";

export type MicProblem = "insecure" | "denied" | "none" | "busy";
export type Device = "input" | "output" | "ring";

const KEPT: Record<Device, string> = { input: "microphone", output: "loudspeaker", ring: "bell" };
const kept = (device: Device) => localStorage.getItem(KEPT[device]) ?? "";
/** ``localStorage.audio_processing = "off"``: sound as it is, for measurements; else as people want it. */
const hasProcessing = localStorage.getItem("audio_processing") !== "off";

export const sound = reactive({
  inputs: [] as MediaDeviceInfo[],
  outputs: [] as MediaDeviceInfo[],
  /** Empty: the system's. */
  input: kept("input"),
  output: kept("output"),
  /** Empty: where the talk is heard. */
  ring: kept("ring"),
  /** The name of the microphone that is open, or was last. */
  used: "",
  problem: null as MicProblem | null,
});

type Listener = (stream: MediaStream) => void;
const listeners = new Set<Listener>();
let opening: Promise<MediaStream | null> | null = null;
let renewing: Promise<void> | null = null;
let isStale = false;
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

/** Open the microphone anew, as chosen or as the system has it now, and tell the lines. */
export function renew(): Promise<void> {
  isStale = true;
  renewing ??= reopen().finally(() => (renewing = null));
  return renewing;
}

export async function choose(device: Device, id: string): Promise<void> {
  const isNew = id !== sound[device];
  sound[device] = id;
  localStorage.setItem(KEPT[device], id);
  if (device === "input" && isNew) await renew();
}

/** Let a player be heard where the talk or the bell is wanted; with a device that is gone, where the system wants it. */
export async function playAt(player: HTMLMediaElement, device: "output" | "ring"): Promise<void> {
  const isThere = (id: string) => sound.outputs.some(({ deviceId }) => deviceId === id);
  const wanted = [device === "ring" ? sound.ring : sound.output, sound.output].find((id) => id && isThere(id));
  await player.setSinkId?.(wanted ?? "").catch(() => undefined); // gone meanwhile: the next change tells
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
    const track = open.getAudioTracks()[0];
    track?.addEventListener("ended", () => void renew()); // unplugged, or the permission was taken back
    Object.assign(sound, { problem: null, used: track?.label ?? "" });
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

/** Headsets come as several devices, one after the other: what changes meanwhile is looked at once more. */
async function reopen(): Promise<void> {
  while (isStale) {
    isStale = false;
    const before = open;
    open = null;
    const stream = await microphone();
    before?.getTracks().forEach((track) => track.stop());
    if (stream) listeners.forEach((listener) => listener(stream));
  }
}

async function list(): Promise<void> {
  const all = await navigator.mediaDevices.enumerateDevices();
  const named = (kind: string) => all.filter((device) => device.kind === kind && device.deviceId !== "");
  sound.inputs = named("audioinput");
  sound.outputs = named("audiooutput");
}

/** The agent allows or forbids it in the browser's own dialog, whether or not it is open now. */
async function watchPermission(): Promise<void> {
  const permission = await navigator.permissions.query({ name: "microphone" as PermissionName });
  permission.addEventListener("change", () => {
    if (permission.state !== "granted" && open) sound.problem = "denied"; // until he has answered the question, if there is one
    if (open || sound.problem) void renew();
  });
}

navigator.mediaDevices?.addEventListener("devicechange", async () => {
  if (!open && !sound.problem) return; // nobody has telephoned here yet
  await list();
  const used = open?.getAudioTracks()[0];
  const isAsChosen = used?.readyState === "live" && sound.input !== "" && used.getSettings().deviceId === sound.input;
  if (!isAsChosen) await renew();
});
void watchPermission().catch(() => undefined); // not every browser can tell
