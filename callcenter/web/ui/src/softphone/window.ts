// One window of a browser is the seat's phone. Another may ask for it, unless there is a call; a window that died has let go.

const ANSWER_MS = 2000;

interface Heard {
  /** This window is the phone now. */
  take: () => void;
  /** It is not any more; ``isTaken``: another has it by force. */
  leave: (isTaken: boolean) => void;
  /** It cannot leave now. */
  isBusy: () => boolean;
}

export class PhoneWindow {
  private readonly channel: BroadcastChannel;
  private waiting = new AbortController();
  private letGo: (() => void) | null = null;

  constructor(private readonly name: string, private readonly heard: Heard) {
    this.channel = new BroadcastChannel(name);
    this.channel.onmessage = ({ data }) => data === "asked" && this.answer();
  }

  /** Wait until it is free. Gives back whether another window has it now. */
  async wait(): Promise<boolean> {
    const { held } = await navigator.locks.query();
    this.queue();
    return held?.some(({ name }) => name === this.name) ?? false;
  }

  /** Ask the other window to leave. False: there is a call. */
  takeOver(): Promise<boolean> {
    return new Promise((tell) => {
      const answers = new BroadcastChannel(this.name);
      const done = (isMine: boolean) => {
        clearTimeout(silent);
        answers.close();
        tell(isMine);
      };
      const silent = setTimeout(() => {
        this.waiting.abort();
        void this.hold({ steal: true }); // that window is frozen
        done(true);
      }, ANSWER_MS);
      answers.onmessage = ({ data }) => {
        if (data === "busy") done(false);
        if (data === "left") done(true);
      };
      this.channel.postMessage("asked");
    });
  }

  close(): void {
    this.waiting.abort();
    this.letGo?.();
    this.letGo = null;
    this.channel.close();
  }

  /** Stand in line for it. */
  private queue(): void {
    this.waiting = new AbortController();
    void this.hold({ signal: this.waiting.signal });
  }

  private async hold(how: LockOptions): Promise<void> {
    try {
      await navigator.locks.request(this.name, how, () => {
        this.heard.take();
        return new Promise<void>((resolve) => (this.letGo = resolve));
      });
    } catch {
      if (!this.letGo) return; // no longer waited for
      this.letGo = null;
      this.heard.leave(true);
      this.queue();
    }
  }

  private answer(): void {
    if (!this.letGo) return;
    if (this.heard.isBusy()) {
      this.channel.postMessage("busy");
      return;
    }
    this.heard.leave(false);
    this.letGo();
    this.letGo = null;
    this.channel.postMessage("left");
    this.queue(); // for when that window is closed
  }
}
