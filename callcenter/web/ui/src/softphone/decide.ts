// What is to be done with a line, given the board and the connection: pure, without page, clock or SIP.
//
// The board is the truth about calls. A line belongs to the contact that the board shows on the seat while the line lives;
// once the board has taken that contact off the seat, the line is over, whether or not a BYE arrived.

/** Seat as the board shows it. */
export interface SeatNow {
  state: string;
  contactId: string | null;
}

export type LineState = "ringing" | "calling" | "talking" | "held" | "ended";

export interface LineNow {
  state: LineState;
  /** Called in by the house; calls that the agent makes (consultations) belong to no contact. */
  isIncoming: boolean;
  /** The contact that it belongs to, once known. */
  contactId: string | null;
  /** The board when it came; what stood there then may be the call before. */
  seatBefore: SeatNow | null;
}

/** Why the house asks the phone to answer by itself: its line is checked, or the citizen of a broken talk is back. */
export type Asked = "" | "line-check" | "back";

export type Media = "fine" | "lost" | "gone";

const ON_CALL = new Set(["ringing", "dialing", "talking"]);
/** A clock that moves so much between two ticks of a second has slept. */
export const SLEPT_MS = 15_000;
/** So long after the own registration the house may still tell of it. */
const OWN_MS = 4_000;

export function isOnCall(seat: SeatNow | null): boolean {
  return seat !== null && ON_CALL.has(seat.state);
}

/** The contact of a line, as far as the board has told it by now. */
export function contactOf(line: LineNow, seat: SeatNow | null): string | null {
  if (line.contactId !== null || !line.isIncoming || seat === null || !isOnCall(seat)) return line.contactId;
  const before = line.seatBefore;
  const isOfBefore = before?.state !== "ringing" && before?.state === seat.state && before.contactId === seat.contactId;
  return isOfBefore ? null : seat.contactId;
}

/** The board has taken the line's contact off the seat. */
export function isOver(line: LineNow, seat: SeatNow | null): boolean {
  if (line.state === "ended" || line.contactId === null || seat === null) return false;
  return !isOnCall(seat) || (seat.contactId !== null && seat.contactId !== line.contactId);
}

/** A line is answered without a key where the house asks for it and nothing else goes on; a check only if this page wanted one. */
export function answersItself(asked: Asked, isChecking: boolean, otherLines: number): boolean {
  return otherLines === 0 && (asked === "back" || (asked === "line-check" && isChecking));
}

/** What the state of the peer connection means for who talks. */
export function mediaOf(state: RTCPeerConnectionState): Media {
  if (state === "disconnected") return "lost";
  return state === "failed" || state === "closed" ? "gone" : "fine";
}

/** Another computer has registered as this seat: of a change that is told, the own registration a moment ago is no sign. */
export function isReplaced(isRegistered: boolean, sinceOwnMs: number): boolean {
  return isRegistered && sinceOwnMs > OWN_MS;
}

/** The board misses the phone though it believes itself registered, or the computer has slept: register again. */
export function registersAgain(isRegistered: boolean, isReachable: boolean, tickMs: number): boolean {
  return tickMs > SLEPT_MS || (isRegistered && !isReachable);
}
