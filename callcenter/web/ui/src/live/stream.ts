// One WebSocket for a desk: events with their seq, replayed after a gap, and the board beside them.
// Silence longer than the server's sign of life means that what is shown is the past.
import { type InjectionKey, reactive } from "vue";
import { lived, onWake } from "./wake";

const SILENCE_MS = 25_000;
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 10_000;
const SIGNED_OUT = 4401;
const GONE_AFTER_FAILURES = 2;

export interface Frame {
  type: string;
  seq?: number;
  at: string;
}

export type Link = "connecting" | "live" | "lost";
/** Of the desk's stream, for what lies in it. */
export const LINK: InjectionKey<{ link: Link }> = Symbol("link");

export class Stream {
  readonly state = reactive({ link: "connecting" as Link, lastAt: "" });
  private socket: WebSocket | null = null;
  private seq: number | null = null;
  private retryMs = RETRY_FIRST_MS;
  private failures = 0;
  private silence = 0;
  private retry = 0;
  private isWanted = false;

  constructor(
    private readonly types: readonly string[],
    private readonly onFrame: (frame: Frame) => void,
    private readonly onSignedOut: () => void,
  ) {
    onWake(() => this.again());
  }

  start(): void {
    this.isWanted = true;
    this.connect();
  }

  stop(): void {
    this.isWanted = false;
    clearTimeout(this.silence);
    clearTimeout(this.retry);
    this.socket?.close();
    this.socket = null;
  }

  /** What was open before a sleep may be dead without a word: what is shown is the present only after a frame of a new one. */
  private again(): void {
    if (!this.isWanted) return;
    this.stop();
    this.state.link = "connecting";
    this.start();
  }

  private connect(): void {
    const url = new URL("/api/v1/events", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("types", this.types.join(","));
    if (this.seq !== null) url.searchParams.set("since", String(this.seq));
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onopen = () => this.expectSign();
    socket.onmessage = (message) => {
      lived();
      if (socket === this.socket) this.take(JSON.parse(message.data as string) as Frame);
    };
    socket.onclose = (event) => {
      if (socket === this.socket) this.lose(event.code);
    };
  }

  private take(frame: Frame): void {
    this.expectSign();
    this.failures = 0;
    this.retryMs = RETRY_FIRST_MS;
    this.state.link = "live";
    this.state.lastAt = frame.at;
    if (frame.seq !== undefined && frame.type !== "board.changed") this.seq = frame.seq;
    if (frame.type !== "stream.alive") this.onFrame(frame);
  }

  private lose(code: number): void {
    clearTimeout(this.silence);
    if (!this.isWanted) return;
    this.state.link = "lost";
    if (code === SIGNED_OUT) {
      this.stop();
      this.onSignedOut();
      return;
    }
    // Events that are no longer kept are refused: then from now on, for the board comes whole in any case.
    this.failures += 1;
    if (this.failures >= GONE_AFTER_FAILURES) this.seq = null;
    this.retry = window.setTimeout(() => this.connect(), this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, RETRY_MAX_MS);
  }

  private expectSign(): void {
    clearTimeout(this.silence);
    this.silence = window.setTimeout(() => this.socket?.close(), SILENCE_MS);
  }
}
