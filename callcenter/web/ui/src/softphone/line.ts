// One line of the phone: a SIP session with its sound. It tells its state; what to do with it is decided elsewhere.
import type { RTCSession } from "jssip/lib/RTCSession";
import type { RTCSessionEventMap } from "jssip/lib/RTCSession";
import { reactive } from "vue";
import { type Asked, type LineState, type Media, mediaOf, type SeatNow } from "./decide";
import { microphone, playAt } from "./sound";

const KEY_MS = 120;
const KEY_GAP_MS = 70;
const REFER_LIMIT_MS = 10_000;
export const PEER: RTCConfiguration = { iceServers: [] };

let last = 0;

export class Line {
  readonly id = ++last;
  readonly isIncoming: boolean;
  readonly view: {
    state: LineState; who: string; media: Media; isMuted: boolean; contactId: string | null; since: number; cause: string; isCheck: boolean;
  };
  private readonly player = new Audio();
  private mine: MediaStream | null = null;
  /** The agent has ended it, or handed it over. */
  isLeft = false;
  wasAnswered = false;

  constructor(
    private readonly session: RTCSession,
    readonly seatBefore: SeatNow | null,
    private readonly onEnd: (line: Line) => void,
    mine: MediaStream | null = null,
    asked: Asked = "",
  ) {
    this.isIncoming = session.direction === ("incoming" as RTCSession["direction"]);
    this.mine = mine;
    const { display_name: name, uri } = session.remote_identity;
    this.view = reactive({
      state: this.isIncoming ? "ringing" : "calling", who: name || uri.user, media: "fine", isMuted: false, contactId: null,
      since: Date.now(), cause: "", isCheck: asked === "line-check",
    });
    // In the page, so that it plays in every browser, and can be found.
    this.player.dataset.line = String(this.id);
    this.player.autoplay = true;
    document.body.append(this.player);
    this.listen();
  }

  get isEnded(): boolean {
    return this.view.state === "ended";
  }

  get isAnswered(): boolean {
    return this.view.state === "talking" || this.view.state === "held";
  }

  /** Pick up; without a microphone it goes on ringing. */
  async answer(): Promise<void> {
    if (this.view.state !== "ringing" || this.mine) return;
    const stream = await microphone();
    if (!stream || this.view.state !== "ringing" || this.mine) return;
    this.mine = stream.clone(); // each line its own: one is muted or held, the other not
    this.session.answer({ mediaStream: this.mine, pcConfig: PEER });
  }

  /** ``isWanted``: by the agent; else it is over already, and the other side may not know. */
  hangUp(isWanted = true): void {
    if (this.isEnded) return;
    this.isLeft ||= isWanted;
    const isRefused = this.view.state === "ringing";
    try {
      this.session.terminate(isRefused ? { status_code: 486 } : {});
    } catch {
      this.end(""); // it was over already
    }
  }

  hold(): void {
    if (this.view.state === "talking") this.session.hold();
  }

  unhold(): void {
    if (this.view.state === "held") this.session.unhold();
  }

  mute(isMuted: boolean): void {
    if (isMuted) this.session.mute({ audio: true });
    else this.session.unmute({ audio: true });
    this.view.isMuted = isMuted;
  }

  /** Press keys, heard by the other side as RFC 4733 tones. */
  press(keys: string): void {
    if (!this.isAnswered) return;
    const transportType = "RFC2833" as NonNullable<Parameters<RTCSession["sendDTMF"]>[1]>["transportType"];
    this.session.sendDTMF(keys, { transportType, duration: KEY_MS, interToneGap: KEY_GAP_MS });
  }

  /** Hand the other side over: to a number of the house, or to whom another line talks with. False: it was refused. */
  async transfer(target: string | Line): Promise<boolean> {
    const replaces = typeof target === "string" ? undefined : target.session;
    const to = typeof target === "string" ? target : target.session.remote_identity.uri;
    const isDone = await new Promise<boolean>((tell) => {
      const [done, refused] = [() => tell(true), () => tell(false)];
      setTimeout(refused, REFER_LIMIT_MS);
      this.on("ended", done); // who is gone from this seat is not here any more, whatever was answered
      this.session.refer(to, { replaces, eventHandlers: { accepted: done, failed: refused, requestFailed: refused } });
    });
    // No BYE comes to who has handed over: each phone hangs up itself.
    if (isDone) for (const line of [this, target]) if (line instanceof Line) line.hangUp();
    return isDone;
  }

  /** Another microphone in the place of the one in use. */
  async useMicrophone(stream: MediaStream): Promise<void> {
    const sender = this.session.connection?.getSenders().find(({ track }) => track?.kind === "audio");
    const before = this.mine;
    const track = stream.clone().getAudioTracks()[0];
    if (!sender || !track || this.isEnded) return;
    track.enabled = sender.track?.enabled ?? true;
    await sender.replaceTrack(track);
    this.mine = new MediaStream([track]);
    before?.getTracks().forEach((old) => old.stop());
  }

  /** The computer has another address: look for another way of the sound (ICE restart); without one the house brings him back. */
  seekWay(): void {
    if (this.isAnswered) this.session.renegotiate({ rtcOfferConstraints: { iceRestart: true } });
  }

  useLoudspeaker(): Promise<void> {
    return playAt(this.player, "output");
  }

  private listen(): void {
    this.on("accepted", () => this.begin());
    this.on("confirmed", () => this.begin());
    this.on("hold", ({ originator }) => originator === "local" && this.become("held"));
    this.on("unhold", ({ originator }) => originator === "local" && this.become("talking"));
    this.on("icecandidate", ({ ready }) => ready()); // the first is enough: nobody waits for all
    this.on("ended", ({ cause }) => this.end(cause));
    this.on("failed", ({ cause }) => this.end(cause));
    const here = this.session.connection as RTCPeerConnection | null;
    if (here) this.hear(here);
    else this.on("peerconnection", ({ peerconnection }) => this.hear(peerconnection));
  }

  private on<T extends keyof RTCSessionEventMap>(type: T, hear: (event: Parameters<RTCSessionEventMap[T]>[0]) => void): void {
    this.session.on(type, hear as unknown as RTCSessionEventMap[T]);
  }

  private hear(connection: RTCPeerConnection): void {
    connection.addEventListener("track", ({ track }) => {
      this.player.srcObject = new MediaStream([track]); // not theirs, which is empty while the line is held
      void this.useLoudspeaker();
      void this.player.play().catch(() => undefined); // a line that ends at once is not played
    });
    connection.addEventListener("connectionstatechange", () => {
      this.view.media = mediaOf(connection.connectionState);
      if (this.view.media === "gone") this.hangUp(false);
    });
  }

  private begin(): void {
    if (this.view.state !== "ringing" && this.view.state !== "calling") return;
    this.view.since = Date.now();
    this.wasAnswered = true;
    this.become("talking");
  }

  private become(state: LineState): void {
    if (!this.isEnded) this.view.state = state;
  }

  private end(cause: string): void {
    if (this.isEnded) return;
    this.view.state = "ended";
    this.view.cause = cause;
    this.mine?.getTracks().forEach((track) => track.stop());
    this.player.srcObject = null;
    this.player.remove();
    this.onEnd(this);
  }
}
