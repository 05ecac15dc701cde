// Keeps the board in step: a snapshot, then events; every event makes the snapshot be asked anew, at most twice
// a second. Silence longer than the server's sign of life means that what is shown is the past.
import { openStream } from "./api.js";

const REFRESH_MS = 500;
const SILENCE_MS = 25_000;
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 10_000;

export class Feed {
  /** refresh(): asks the snapshot and answers its seq; onLink("live" | "lost"); onRefused(): the session ended. */
  constructor({ refresh, onEvent, onLink, onRefused }) {
    Object.assign(this, { refresh, onEvent, onLink, onRefused });
    this.generation = 0;
  }

  start() {
    this.generation += 1;
    this.retryMs = RETRY_FIRST_MS;
    this.#connect(this.generation);
  }

  stop() {
    this.generation += 1;
    clearTimeout(this.silence);
    this.socket?.close();
  }

  async #connect(generation) {
    try {
      const seq = await this.refresh();
      if (generation !== this.generation) return;
      this.#follow(seq, generation);
    } catch (error) {
      if (generation === this.generation) this.#failed(error, generation);
    }
  }

  #follow(seq, generation) {
    const socket = openStream(seq);
    this.socket = socket;
    socket.onopen = () => {
      this.retryMs = RETRY_FIRST_MS;
      this.onLink("live");
      this.#expectSign();
    };
    socket.onmessage = (frame) => {
      this.#expectSign();
      const event = JSON.parse(frame.data);
      if (event.type !== "stream.alive") this.#happened(event, generation);
    };
    socket.onclose = () => {
      if (generation === this.generation) this.#retry(generation);
    };
  }

  #expectSign() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.socket.close(), SILENCE_MS);
  }

  #happened(event, generation) {
    this.onEvent(event);
    if (this.pending) return;
    this.pending = setTimeout(async () => {
      this.pending = null;
      if (generation !== this.generation) return;
      try {
        await this.refresh();
      } catch (error) {
        if (generation === this.generation && error.status === 401) this.#failed(error, generation);
      }
    }, REFRESH_MS);
  }

  #failed(error, generation) {
    if (error.status === 401) {
      this.stop();
      this.onRefused();
    } else {
      this.#retry(generation);
    }
  }

  #retry(generation) {
    clearTimeout(this.silence);
    this.onLink("lost");
    setTimeout(() => {
      if (generation === this.generation) this.#connect(generation);
    }, this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, RETRY_MAX_MS);
  }
}
