// One WebSocket for a desk: events with their seq, replayed after a gap, and the board beside them.
// Silence longer than the server's sign of life means that what is shown is the past.
import { type InjectionKey, reactive } from "vue";
import { api, got, Refused } from "../api/client";
import { lived, onWake } from "./wake";

const SILENCE_MS = 25_000;
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 10_000;
const SIGNED_OUT = 4401;
const REPLAYED_MAX = 2000; // a night's events are not replayed: then everything is asked anew

export interface Frame {
  type: string;
  seq?: number;
  at: string;
}

/** Told by the page itself when a stream begins to flow. */
export const RESUMED = "stream.resumed";

/** ``hasMissed``: events were lost meanwhile, so that everything must be asked anew. */
export interface ResumedFrame extends Frame {
  hasMissed: boolean;
}

export type Link = "connecting" | "live" | "lost";
/** Of the desk's stream, for what lies in it. */
export const LINK: InjectionKey<{ link: Link }> = Symbol("link");

export class Stream {
  readonly state = reactive({ link: "connecting" as Link, lastAt: "" });
  private socket: WebSocket | null = null;
  private seq: number | null = null;
  private hasMissed = false;
  private retryMs = RETRY_FIRST_MS;
  private silence = 0;
  private retry = 0;

  constructor(
    private readonly types: readonly string[],
    private readonly onFrame: (frame: Frame) => void,
    private readonly onSignedOut: () => void,
  ) {
    onWake(() => this.again());
  }

  /** Follow; ``newest``: the last event when this session was asked for. What this page read last counts more. */
  start(newest: number): void {
    this.seq ??= newest;
    if (newest - this.seq > REPLAYED_MAX) this.skipTo(newest);
    this.connect();
  }

  stop(): void {
    clearTimeout(this.silence);
    clearTimeout(this.retry);
    this.socket?.close();
    this.socket = null;
    if (this.state.link === "live") this.state.link = "connecting";
  }

  /** What was open before a sleep may be dead without a word: what is shown is the present only after a frame of a new one. */
  private again(): void {
    if (!this.socket) return; // stopped
    this.stop();
    this.state.link = "connecting";
    this.connect();
  }

  private connect(): void {
    const url = new URL("/api/v1/events", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("types", this.types.join(","));
    url.searchParams.set("since", String(this.seq));
    const socket = new WebSocket(url);
    this.socket = socket;
    let isOpen = false;
    this.expectSign();
    socket.onopen = () => (isOpen = true);
    socket.onmessage = (message) => {
      lived();
      if (socket === this.socket) this.take(JSON.parse(message.data as string) as Frame);
    };
    socket.onclose = ({ code }) => socket === this.socket && void this.lose(socket, code, isOpen);
  }

  private take(frame: Frame): void {
    this.expectSign();
    this.retryMs = RETRY_FIRST_MS;
    this.state.lastAt = frame.at;
    if (this.state.link !== "live") this.resume(frame.at);
    if (frame.seq !== undefined && frame.type !== "board.changed") this.seq = frame.seq; // the board may be ahead of the events
    if (frame.type !== "stream.alive") this.onFrame(frame);
  }

  private resume(at: string): void {
    this.state.link = "live";
    const resumed: ResumedFrame = { type: RESUMED, at, hasMissed: this.hasMissed };
    this.hasMissed = false;
    this.onFrame(resumed);
  }

  private async lose(socket: WebSocket, code: number, wasOpen: boolean): Promise<void> {
    clearTimeout(this.silence);
    this.state.link = "lost";
    const isSignedOut = code === SIGNED_OUT || (!wasOpen && (await this.isSignedOut()));
    if (socket !== this.socket) return; // stopped, or begun anew meanwhile
    if (isSignedOut) {
      this.stop();
      return this.onSignedOut();
    }
    this.retry = window.setTimeout(() => this.connect(), this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, RETRY_MAX_MS);
  }

  /** A stream that is refused tells a page nothing: the plain question tells why. Events that are no longer kept are skipped. */
  private async isSignedOut(): Promise<boolean> {
    try {
      await got(api.GET("/api/v1/events/list", { params: { query: { since: this.seq, limit: 1 } } }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.id === "events_gone") this.skipTo(Number(error.details.newest_seq));
      return error.status === 401;
    }
    return false;
  }

  private skipTo(newest: number): void {
    this.seq = newest;
    this.hasMissed = true;
  }

  private expectSign(): void {
    clearTimeout(this.silence);
    this.silence = window.setTimeout(() => this.socket?.close(), SILENCE_MS);
  }
}
