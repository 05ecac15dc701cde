// Everything typed is saved at once, field by field; who was overtaken sees what is there now and keeps what he typed.
// While the server is away it is kept in this tab, and saved when the server is back.
import { onUnmounted, reactive } from "vue";
import { api, got, type Models, Refused } from "../../api/client";
import { note } from "../../parts/notes";
import { complaint, words } from "../../words";
import { expire, session } from "../session/session";
import { type Field, keep, leftOf, leftTickets, type Typed } from "./leftovers";

export type Work = Models["TicketWorkView"];
export type { Field };

const PAUSE_MS = 600;
const RETRY_MS = 3000;

/** Whether the server may well take later what it did not take now. */
function isAway(error: unknown): boolean {
  return error instanceof Refused && (error.status === 0 || error.status === 401 || error.status === 429 || error.status >= 500);
}

export function useAutosave(onSaved: (work: Work) => void) {
  const state = reactive({ ticketNo: "", work: null as Work | null, typed: {} as Typed, isSaving: false, isAway: false, others: [] as string[] });
  const account = session.me?.name ?? "";
  let timer = 0;
  let isGone = false;

  async function open(ticketNo: string): Promise<void> {
    const path = { ticket_no: ticketNo };
    const work = await got(api.GET("/api/v1/tickets/{ticket_no}/work", { params: { path } }));
    const typed = leftOf(account, ticketNo);
    Object.assign(state, { ticketNo, work, typed });
    look();
    if (Object.keys(typed).length) later(0);
  }

  function look(): void {
    state.others = leftTickets(account).filter((no) => no !== state.ticketNo);
  }

  function type(field: Field, text: string): void {
    state.typed[field] = text;
    keep(account, state.ticketNo, state.typed);
    later(PAUSE_MS);
  }

  function later(ms: number): void {
    clearTimeout(timer);
    if (!isGone) timer = window.setTimeout(save, ms);
  }

  async function save(): Promise<void> {
    const typed = { ...state.typed };
    if (!state.work || state.work.standing !== "open" || !Object.keys(typed).length || state.isSaving) return;
    state.isSaving = true;
    const path = { ticket_no: state.ticketNo };
    const body = { version: state.work.version, ...typed };
    let wait = PAUSE_MS;
    try {
      const saved = await got(api.PATCH("/api/v1/tickets/{ticket_no}", { params: { path }, body }));
      for (const field of Object.keys(typed) as Field[]) if (state.typed[field] === typed[field]) delete state.typed[field];
      keep(account, state.ticketNo, state.typed);
      state.isAway = false;
      take(saved);
    } catch (error) {
      wait = RETRY_MS;
      await recover(error, typed).catch(() => (state.isAway = true));
    } finally {
      state.isSaving = false;
    }
    if (Object.keys(state.typed).length) later(wait);
  }

  async function recover(error: unknown, typed: Typed): Promise<void> {
    state.isAway = isAway(error);
    if (error instanceof Refused && error.status === 401) expire(); // sign in again in place; it is saved then
    if (state.isAway) return;
    note(error instanceof Refused && error.id === "wrong_version" ? words.value.ticket.overtaken : complaint(error), true);
    const path = { ticket_no: state.ticketNo };
    if (error instanceof Refused && error.status === 409) return take(await got(api.GET("/api/v1/tickets/{ticket_no}/work", { params: { path } })));
    for (const field of Object.keys(typed) as Field[]) delete state.typed[field]; // never to be taken: the server said why
    keep(account, state.ticketNo, state.typed);
  }

  function take(work: Work): void {
    state.work = work;
    look();
    onSaved(work);
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    await save();
  }

  onUnmounted(() => {
    isGone = true;
    void flush();
  });
  return { state, open, type, flush, take };
}
