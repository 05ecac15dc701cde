// Everything typed is saved at once, field by field; who was overtaken sees what is there now and keeps what he typed.
// While the server is away it is kept in this tab, and saved when the server is back.
import { onUnmounted, reactive } from "vue";
import { api, got, type Models, Refused } from "../../api/client";
import { note } from "../../parts/notes";
import { complaint, words } from "../../words";
import { session } from "../session/session";
import { type Field, keep, leftOf, leftTickets, type Typed } from "./leftovers";

export type Work = Models["TicketWorkView"];
export type { Field };

const PAUSE_MS = 600;
const RETRY_MS = 3000;

/** ``problem``: why the server will not take what is typed, until something else is typed. */
export function useAutosave(onSaved: (work: Work) => void) {
  const state = reactive({ ticketNo: "", work: null as Work | null, typed: {} as Typed, isSaving: false, isAway: false, problem: "", others: [] as string[] });
  const account = session.me?.name ?? "";
  const path = () => ({ ticket_no: state.ticketNo });
  let timer = 0;
  let isGone = false;
  let saving = Promise.resolve();

  async function open(ticketNo: string): Promise<void> {
    const work = await got(api.GET("/api/v1/tickets/{ticket_no}/work", { params: { path: { ticket_no: ticketNo } } }));
    Object.assign(state, { ticketNo, typed: leftOf(account, ticketNo) });
    show(work);
    if (hasTyped()) later(0);
  }

  function show(work: Work): void {
    state.work = work;
    state.others = leftTickets(account).filter((no) => no !== state.ticketNo);
  }

  function type(field: Field, text: string): void {
    state.typed[field] = text;
    state.problem = "";
    keep(account, state.ticketNo, state.typed);
    later(PAUSE_MS);
  }

  const hasTyped = () => Object.keys(state.typed).length > 0;

  function later(ms: number): void {
    clearTimeout(timer);
    if (!isGone) timer = window.setTimeout(flush, ms);
  }

  /** Save what is typed, behind what is being saved. Whether all of it is saved. */
  async function flush(): Promise<boolean> {
    clearTimeout(timer);
    await (saving = saving.then(save, save));
    return !hasTyped();
  }

  async function save(): Promise<void> {
    if (state.work?.standing !== "open" || !hasTyped()) return;
    const typed = { ...state.typed };
    const body = { version: state.work.version, ...typed };
    state.isSaving = true;
    try {
      const saved = await got(api.PATCH("/api/v1/tickets/{ticket_no}", { params: { path: path() }, body }));
      for (const field of Object.keys(typed) as Field[]) if (state.typed[field] === typed[field]) delete state.typed[field];
      keep(account, state.ticketNo, state.typed);
      Object.assign(state, { isAway: false, problem: "" });
      take(saved);
    } catch (error) {
      await meet(error);
    } finally {
      state.isSaving = false;
    }
  }

  /** What was not saved stays on the page and in this tab, whatever the server says. */
  async function meet(error: unknown): Promise<void> {
    if (!(error instanceof Refused)) throw error;
    state.isAway = error.isPassing;
    if (error.status === 409) {
      note(error.id === "wrong_version" ? words.value.ticket.overtaken : complaint(error), true);
      await got(api.GET("/api/v1/tickets/{ticket_no}/work", { params: { path: path() } })).then(take, () => (state.isAway = true));
    }
    const isOver = error.status !== 409 || state.work?.standing !== "open";
    if (!state.isAway && isOver) state.problem = complaint(error);
    if (!state.problem) later(RETRY_MS);
  }

  function take(work: Work): void {
    show(work);
    onSaved(work);
    if (hasTyped()) later(PAUSE_MS);
  }

  onUnmounted(() => {
    isGone = true;
    void flush();
  });
  return { state, open, type, flush, take };
}
