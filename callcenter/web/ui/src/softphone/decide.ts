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

export type Block = "offline" | "plain" | "house" | "way";

export type Whereabouts = "" | "waiting" | "seat" | "gone";

const ON_CALL = new Set(["ringing", "dialing", "talking"]);
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

/** Another computer has registered as this seat: the change that the own registration a moment ago makes is told as well. */
export function isReplaced(isInUse: boolean, sinceOwnMs: number): boolean {
  return isInUse && sinceOwnMs > OWN_MS;
}

/** What hinders the way to the telephone service, as far as a page can know: browsers tell it nothing but that it failed. */
export function blockOf(isOnline: boolean, isHouseThere: boolean, page: string, service: string): Block {
  if (!isOnline) return "offline";
  if (page === "https:" && service.startsWith("ws:")) return "plain";
  return isHouseThere ? "way" : "house";
}

/** Where the citizen is whose talk broke here: he waits again, is with another seat, or is gone; "": between the two. */
export function whereabouts(call: { state: string; seat_id?: string | null } | undefined, own: string): Whereabouts {
  if (!call) return "gone";
  if (call.state === "waiting") return "waiting";
  return call.state === "talking" && call.seat_id !== own ? "seat" : "";
}
