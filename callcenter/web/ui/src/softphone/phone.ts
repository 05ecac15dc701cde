// The seat's phone in this window: its registration, its lines, and the board's word on them. It lives on while other pages are open.
import type { RTCSession } from "jssip/lib/RTCSession";
import { computed, effectScope, reactive, ref, shallowReactive, watch } from "vue";
import { session } from "../desks/session/session";
import { board, hereAt, now, type Seat } from "../live/board";
import { onWake } from "../live/wake";
import { isTyping } from "../parts/keys";
import { attempt, note } from "../parts/notes";
import { fill, words } from "../words";
import { askPhone, checkLine, type LineCheck, type Phone } from "./contract";
import { answersItself, type Asked, contactOf, isOver, isReplaced, type LineNow, type SeatNow, whereabouts } from "./decide";
import { Line } from "./line";
import type { Registered, Registration } from "./registration";
import { startRing, stopRing } from "./ring";
import { closeMicrophone, microphone, onMicrophone, sound } from "./sound";
import { PhoneWindow } from "./window";

/** The seat whose phone this browser was last; taken away when it leaves in order. */
const KEPT_SEAT = "phone_seat";
const IN_USE = new Set(["connecting", "registered", "blocked", "refused"]);
const LINES_MAX = 2;
const AGAIN_MS = 5000;
/** A talk that ends so soon after waking up ended in the sleep. */
const AWAY_MS = 10_000;

export const phone = reactive({
  seatId: "",
  kind: null as Phone["kind"] | null,
  url: "",
  status: "off" as "off" | "elsewhere" | "taken" | Registered,
  /** The line of this phone was measured and is good, or the agent goes on all the same. */
  isChecked: false,
  /** The house takes calls to this phone only after a good check. */
  mustCheck: false,
  isAskingCheck: false,
});

/** The calls that this window has, oldest first. */
export const lines = shallowReactive<Line[]>([]);
/** The line that is talked on, else the one that rings or dials, else the held one. */
export const current = computed(() => {
  const rank = { talking: 0, ringing: 1, calling: 2, held: 3, ended: 4 };
  return [...lines].sort((a, b) => rank[a.view.state] - rank[b.view.state])[0] ?? null;
});
export const other = computed(() => lines.find((line) => line !== current.value) ?? null);

/** The contact whose talk here ended though nobody here wanted it, and whether this computer had slept or lost its way. */
const broken = ref<{ contactId: string; wasAway: boolean } | null>(null);
/** What became of him, as long as the agent should know; null: nothing to tell. */
export const passedOn = computed(() => {
  if (!broken.value) return null;
  const { contactId, wasAway } = broken.value;
  const call = board.calls.get(contactId);
  const where = whereabouts(call, phone.seatId);
  return where === "" || (where === "gone" && !wasAway) ? null : { where, seat: call?.seat_id ?? "" };
});

let registration: Registration | null = null;
/** Registered no more, it carries the calls of the time before to their end. */
let retired: Registration | null = null;
let place: PhoneWindow | null = null;
let isChecking = false;
let afterCheck: (() => void) | null = null;
let againAt = 0;
/** When this page registered last, or began to. */
let ownAt = 0;
let wokenAt = 0;

/** Be the phone of a seat, if it telephones by browser. Raises Refused. */
export async function startPhone(seatId: string): Promise<void> {
  if (phone.seatId === seatId) return;
  stopPhone();
  phone.seatId = seatId;
  const told = await askPhone(seatId);
  phone.kind = told.kind;
  if (told.kind !== "browser") return;
  phone.url = told.url ?? "";
  Object.assign(phone, { isChecked: told.is_checked, mustCheck: told.must_check });
  place = new PhoneWindow(`phone ${seatId}`, {
    take: () => void attempt(() => register()),
    leave: (isTaken) => {
      leave(isTaken);
      phone.status = "elsewhere";
    },
    isBusy: () => lines.length > 0,
  });
  if (await place.wait()) phone.status = "elsewhere";
}

/** Nobody telephones here any more. */
export function stopPhone(): void {
  if (!phone.seatId) return;
  for (const line of [...lines]) line.hangUp();
  leave(false);
  forgetBroken();
  place?.close();
  place = null;
  closeMicrophone();
  localStorage.removeItem(KEPT_SEAT);
  Object.assign(phone, { seatId: "", kind: null, status: "off", isChecked: false, isAskingCheck: false });
}

/** The agent knows what became of the talk that broke. */
export function forgetBroken(): void {
  broken.value = null;
}

/** Make this window the phone, in the place of another or of another computer. False: the other window has a call. */
export async function takeOver(): Promise<boolean> {
  if (phone.status !== "taken") return place?.takeOver() ?? false;
  return attempt(() => register(true));
}

/** Another phone has registered as this seat, or this one from another address; perhaps told late, after a gap. */
export function hearChange(seatId: string, at: string): void {
  if (seatId === phone.seatId && isReplaced(IN_USE.has(phone.status), hereAt(at) - ownAt)) give();
}

/** Try again now to reach the house. */
export function registerAgain(): void {
  if (phone.status === "refused") {
    leave(false);
    void attempt(() => register(true));
  } else registration?.again();
}

/** Call a colleague; the talk that goes on is held meanwhile. */
export async function consult(number: string): Promise<void> {
  const stream = await microphone();
  if (!stream || !registration || lines.length >= LINES_MAX) return;
  holdAll();
  const mine = stream.clone();
  lines.push(new Line(registration.call(number, mine), null, drop, mine));
}

/** Pick up; a talk that goes on is held. */
export function answer(line: Line): Promise<void> {
  holdAll();
  return line.answer();
}

/** Talk on the other line. */
export function swap(line: Line): void {
  holdAll();
  line.unhold();
}

/** Hand the citizen over at once. False: it was refused. */
export async function transfer(line: Line, number: string): Promise<boolean> {
  return registration ? line.transfer(registration.address(number)) : false;
}

/** The colleague who is asked beside a held talk, once he has picked up. */
export const consulted = computed(() => lines.find((line) => !line.isIncoming && line.isAnswered) ?? null);

/** Hand the citizen over to the colleague who was asked. False: it was refused. */
export async function handOver(): Promise<boolean> {
  const [colleague, citizen] = [consulted.value, lines.find((line) => line !== consulted.value)];
  return colleague && citizen ? citizen.transfer(colleague) : false;
}

/** Have the line measured: the phone rings, answers itself and hears itself. Raises Refused. */
export async function measure(): Promise<LineCheck> {
  isChecking = true;
  try {
    return await checkLine(phone.seatId);
  } finally {
    isChecking = false;
  }
}

/** This phone may be counted on: what waited for its check is done. */
export function passCheck(): void {
  phone.isChecked = true;
  afterCheck?.();
  afterCheck = null;
}

/** Whether the microphone and line check comes first; then it is opened, and ``next`` done after it. */
export function mustCheck(next: () => void): boolean {
  if (phone.kind !== "browser" || !IN_USE.has(phone.status) || phone.isChecked || lines.length) return false;
  afterCheck = next;
  phone.isAskingCheck = true;
  return true;
}

/** Register; not in the place of another computer, unless ``isWanted``. */
async function register(isWanted?: boolean): Promise<void> {
  const [told, way] = await Promise.all([askPhone(phone.seatId), import("./registration")]);
  if (told.is_registered && !isWanted && localStorage.getItem(KEPT_SEAT) !== phone.seatId) {
    phone.status = "taken";
    return;
  }
  localStorage.setItem(KEPT_SEAT, phone.seatId);
  leave(true);
  ownAt = Date.now();
  registration = new way.Registration(told, { status: become, rings: take });
}

function become(status: Registered): void {
  if (status === "registered") ownAt = Date.now();
  phone.status = status;
}

/** Somebody else has the seat or its phone: nothing rings here any more, and nothing is taken back unasked. */
function give(): void {
  leave(true);
  localStorage.removeItem(KEPT_SEAT);
  phone.status = "taken";
}

/** ``isTaken``: by another phone. Calls that are on go on here. */
function leave(isTaken: boolean): void {
  if (lines.length && registration) {
    retired?.close(true);
    retired = registration;
    retired.retire();
  } else registration?.close(isTaken);
  registration = null;
}

function take(session: RTCSession, asked: Asked): void {
  // The house brings him back because the talk was broken: what is left of it here is over.
  if (asked === "back") for (const line of [...lines]) line.hangUp(false);
  const isAlone = lines.length === 0;
  forgetBroken();
  if (lines.length >= LINES_MAX) {
    session.terminate({ status_code: 486 });
    return;
  }
  const line = new Line(session, seatNow(), drop, null, asked);
  lines.push(line);
  review();
  if (answersItself(asked, isChecking, isAlone ? 0 : 1)) void answer(line);
}

function drop(line: Line): void {
  const at = lines.indexOf(line);
  if (at >= 0) lines.splice(at, 1);
  const { contactId, media, isCheck } = line.view;
  const wasAway = media !== "fine" || Date.now() - wokenAt < AWAY_MS;
  if (line.wasAnswered && !line.isLeft && !isCheck && contactId) broken.value = { contactId, wasAway };
  if (lines.length) return;
  retired?.close(true);
  retired = null;
}

function holdAll(): void {
  for (const line of lines) line.hold();
}

function ownSeat(): Seat | null {
  return board.seats.get(phone.seatId) ?? null;
}

function seatNow(): SeatNow | null {
  const seat = ownSeat();
  return seat && { state: seat.state, contactId: seat.contact_id ?? null };
}

function lineNow({ view, isIncoming, seatBefore }: Line): LineNow {
  return { state: view.state, isIncoming, contactId: view.contactId, seatBefore };
}

/** What the board says about every line. */
function review(): void {
  const seat = seatNow();
  for (const line of [...lines]) {
    line.view.contactId = contactOf(lineNow(line), seat);
    if (isOver(lineNow(line), seat)) line.hangUp(false);
  }
}

/** Ring, and show the desk; who types on another page goes on typing and is told, as is who looks at another window. */
function announce(line: Line): void {
  startRing();
  phone.isAskingCheck = false;
  if (!location.hash.startsWith("#/agent")) {
    if (isTyping()) note(fill(words.value.phone.rings_elsewhere, { who: line.view.who }));
    else location.hash = "/agent";
  }
  if (document.hidden && "Notification" in window && Notification.permission === "granted") {
    new Notification(words.value.title, { body: fill(words.value.phone.rings, { who: line.view.who }), tag: "phone" });
  }
}

/** The board misses a phone that believes itself registered. */
function tick(at: number): void {
  if (phone.status !== "registered" || at - againAt < AGAIN_MS || (ownSeat()?.reachable ?? true)) return;
  againAt = at;
  registration?.again();
}

/** The computer slept, or has another network. */
function wake(): void {
  wokenAt = Date.now();
  registration?.again();
}

// As long as the page lives.
effectScope(true).run(() => {
  watch(() => board.seats.get(phone.seatId), review);
  watch(now, tick);
  watch(() => lines.find(({ view }) => view.state === "ringing" && !view.isCheck), (line) => (line ? announce(line) : stopRing()));
  watch(() => (phone.status === "registered" && lines.find(({ view }) => view.media === "lost")) || null, (line) => line?.seekWay());
  watch(() => [sound.output, sound.outputs], () => lines.forEach((line) => void line.useLoudspeaker()));
  watch(() => sound.used, (is, was) => was && lines.length && note(fill(words.value.phone.mic_now, { name: is })));
  watch(() => session.me, (me) => me ?? stopPhone());
  watch(() => session.takenOver, (by) => by && IN_USE.has(phone.status) && give());
});
onMicrophone((stream) => lines.forEach((line) => void line.useMicrophone(stream)));
onWake(wake);
addEventListener("beforeunload", (event) => {
  if (lines.some(({ isAnswered }) => isAnswered)) event.preventDefault();
});
