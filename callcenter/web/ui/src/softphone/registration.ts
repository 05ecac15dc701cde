// The phone's way to the house: JsSIP over a WebSocket, registered as the seat's one phone. Loaded only where a browser telephones.
import { UA, WebSocketInterface } from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { Phone } from "./contract";
import type { Asked } from "./decide";
import { PEER } from "./line";

export type Registered = "connecting" | "registered" | "blocked" | "refused";

const KEPT_NAME = "phone_name";
const EXPIRES_S = 60; // also the sign of life that keeps the way open
const RETRY_FIRST_S = 1;
const RETRY_MAX_S = 4;
const BLOCKED_AFTER = 2;
const ANSWER_MS = 3000;

interface Heard {
  status: (status: Registered) => void;
  rings: (session: RTCSession, asked: Asked) => void;
}

const DEAF: Heard = { status: () => undefined, rings: (session) => session.terminate() };

interface Call {
  originator: string;
  session: RTCSession;
  request: { getHeader: (name: string) => string | undefined };
}

/** Who this browser is among the phones of a seat: the same after a reload, another on another computer. */
function ownName(): string {
  const kept = localStorage.getItem(KEPT_NAME) ?? crypto.randomUUID().slice(0, 8);
  localStorage.setItem(KEPT_NAME, kept);
  return kept;
}

export class Registration {
  private readonly socket: WebSocketInterface;
  private readonly ua: UA;
  private failures = 0;
  private proof = 0;

  constructor(private readonly phone: Phone, private heard: Heard) {
    this.socket = new WebSocketInterface(phone.url!);
    this.ua = new UA({
      sockets: [this.socket],
      uri: phone.uri!,
      authorization_user: phone.user!,
      realm: phone.realm!,
      ha1: phone.ha1!,
      contact_uri: `sip:${ownName()}@seat-${phone.user}.invalid;transport=ws`,
      register_expires: EXPIRES_S,
      connection_recovery_min_interval: RETRY_FIRST_S,
      connection_recovery_max_interval: RETRY_MAX_S,
      session_timers: false,
      user_agent: "callcenter-desk",
    });
    this.listen();
    heard.status("connecting");
    this.ua.start();
  }

  /** Call a number of the house. */
  call(number: string, mediaStream: MediaStream): RTCSession {
    const rtcOfferConstraints = { offerToReceiveAudio: true, offerToReceiveVideo: false };
    const options = { mediaStream, mediaConstraints: { audio: true, video: false }, pcConfig: PEER, rtcOfferConstraints };
    return this.ua.call(this.address(number), options);
  }

  /** The SIP address of a number of the house. */
  address(number: string): string {
    return `sip:${number}@${this.phone.uri!.split("@")[1]}`;
  }

  /** Register again now; a way on which nothing comes back is given up for a new one. */
  again(): void {
    if (this.proof) return;
    if (!this.ua.isConnected()) return this.renew();
    this.proof = window.setTimeout(() => this.renew(), ANSWER_MS);
    this.ua.register();
  }

  /** Leave: unregister and close. ``isTaken``: another window is the phone now, and its registration must stay. */
  close(isTaken: boolean): void {
    this.prove();
    this.heard = DEAF;
    if (isTaken) this.socket.disconnect();
    this.ua.stop();
  }

  /** Another phone is the seat's now: register no more, but stay reachable for the calls that are on; close it after them. */
  retire(): void {
    this.prove();
    this.heard = DEAF;
    const registrator = this.ua.registrator() as unknown as { onTransportClosed: () => void };
    registrator.onTransportClosed(); // it forgets that it is registered, and says nothing to the house
    this.ua.unregister(); // nor registers when it connects again
  }

  private renew(): void {
    this.prove();
    this.socket.disconnect();
    this.socket.ondisconnect(true);
  }

  private prove(): void {
    clearTimeout(this.proof);
    this.proof = 0;
  }

  /** Whatever comes in proves the way. */
  private watch(): void {
    this.failures = 0;
    const take = this.socket.ondata;
    this.socket.ondata = (data) => {
      this.prove();
      take.call(this.socket, data);
    };
  }

  private listen(): void {
    this.ua.on("connected", () => this.watch());
    this.ua.on("disconnected", () => {
      this.failures += 1;
      this.heard.status(this.failures > BLOCKED_AFTER ? "blocked" : "connecting");
    });
    this.ua.on("registered", () => this.heard.status("registered"));
    this.ua.on("unregistered", () => this.heard.status("connecting"));
    this.ua.on("registrationFailed", ({ response }) => this.heard.status(response ? "refused" : "connecting"));
    this.ua.on("newRTCSession", ({ originator, session, request }: Call) => {
      if (originator === "remote") this.heard.rings(session, (request.getHeader("X-Auto-Answer") ?? "") as Asked);
    });
  }
}
