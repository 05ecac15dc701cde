// The seat's phone in this window: its registration, its lines, and the board's word on them. It lives on while other pages are open.
import type { RTCSession } from "jssip/lib/RTCSession";
import { computed, effectScope, reactive, shallowReactive, watch } from "vue";
import { session } from "../desks/session/session";
import { board, now, type Seat } from "../live/board";
import { fill, words } from "../words";
import { askPhone, checkLine, type LineCheck, type Phone } from "./contract";
import { answersItself, contactOf, isOver, type LineNow, registersAgain, type Remembered, type SeatNow } from "./decide";
import { Line } from "./line";
import { forgetTalk, recallTalk, rememberTalk } from "./memory";
import type { Registered, Registration } from "./registration";
import { startRing, stopRing } from "./ring";
import { closeMicrophone, microphone, onMicrophone, sound } from "./sound";
import { PhoneWindow } from "./window";

const LINES_MAX = 2;
const AGAIN_MS = 5000;

export const phone = reactive({
  seatId: "",
  kind: null as Phone["kind"] | null,
  url: "",
  status: "off" as "off" | "elsewhere" | Registered,
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

let registration: Registration | null = null;
let place: PhoneWindow | null = null;
let before: Remembered | null = null;
let isChecking = false;
let againAt = 0;

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
  before = recallTalk(seatId);
  place = new PhoneWindow(`phone ${seatId}`, {
    take: () => void register(),
    leave: (isTaken) => {
      registration?.close(isTaken);
      registration = null;
      phone.status = "elsewhere";
    },
    isBusy: () => lines.length > 0,
  });
  if (await place.wait()) phone.status = "elsewhere";
}

/** Nobody telephones here any more. */
export function stopPhone(): void {
  for (const line of [...lines]) line.hangUp();
  registration?.close(false);
  registration = null;
  place?.close();
  place = null;
  closeMicrophone();
  Object.assign(phone, { seatId: "", kind: null, status: "off", isChecked: false, isAskingCheck: false });
}

/** Make this window the phone. False: the other one has a call. */
export function takeOver(): Promise<boolean> {
  return place?.takeOver() ?? Promise.resolve(false);
}

/** Try again now to reach the house. */
export function registerAgain(): void {
  if (phone.status === "refused") {
    registration?.close(false);
    void register();
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

/** This phone may be counted on. */
export function passCheck(): void {
  phone.isChecked = true;
}

/** Whether the microphone and line check has to come first; then it is opened. */
export function mustCheck(): boolean {
  phone.isAskingCheck = phone.kind === "browser" && phone.status !== "elsewhere" && !phone.isChecked && !lines.length;
  return phone.isAskingCheck;
}

async function register(): Promise<void> {
  const [told, way] = await Promise.all([askPhone(phone.seatId), import("./registration")]);
  registration = new way.Registration(told, { status: (status) => (phone.status = status), rings: take });
}

function take(session: RTCSession): void {
  if (lines.length >= LINES_MAX) {
    session.terminate({ status_code: 486 });
    return;
  }
  const line = new Line(session, seatNow(), drop);
  line.view.isCheck = isChecking;
  lines.push(line);
  review();
}

function drop(line: Line): void {
  const at = lines.indexOf(line);
  if (at >= 0) lines.splice(at, 1);
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
    if (isOver(lineNow(line), seat)) line.hangUp();
    else if (answersItself(lineNow(line), line.view.isCheck, before, Date.now())) void answer(line);
  }
}

/** Ring, show the desk, and tell who looks at another window. */
function announce(line: Line): void {
  startRing();
  location.hash = "/agent";
  if (document.hidden && "Notification" in window && Notification.permission === "granted") {
    new Notification(words.value.title, { body: fill(words.value.phone.rings, { who: line.view.who }), tag: "phone" });
  }
}

function tick(at: number, last: number): void {
  const talk = lines.find((line) => line.isAnswered && line.view.contactId);
  if (talk?.view.contactId) rememberTalk(phone.seatId, talk.view.contactId);
  if (!registration || at - againAt < AGAIN_MS) return;
  if (registersAgain(phone.status === "registered", ownSeat()?.reachable ?? true, at - last)) {
    againAt = at;
    registration.again();
  }
}

// As long as the page lives.
effectScope(true).run(() => {
  watch(() => board.seats.get(phone.seatId), review);
  watch(now, tick);
  watch(() => lines.find(({ view }) => view.state === "ringing" && !view.isCheck), (line) => (line ? announce(line) : stopRing()));
  watch(() => lines.some(({ isAnswered }) => isAnswered), (talks) => {
    if (!talks) forgetTalk();
  });
  watch(() => sound.output, () => lines.forEach((line) => void line.useLoudspeaker()));
  watch(() => session.me, (me) => {
    if (me) return;
    stopPhone();
    forgetTalk();
  });
});
onMicrophone((stream) => lines.forEach((line) => void line.useMicrophone(stream)));
addEventListener("online", () => registration?.again());
addEventListener("beforeunload", (event) => {
  if (lines.some(({ isAnswered }) => isAnswered)) event.preventDefault();
});
