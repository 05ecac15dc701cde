// Everything typed is saved at once, field by field; who was overtaken sees what is there now and keeps what he typed.
import { onUnmounted, reactive } from "vue";
import { api, got, type Models, Refused } from "../../api/client";
import { note } from "../../parts/notes";
import { complaint, words } from "../../words";

export type Work = Models["TicketWorkView"];
export type Field = "nature" | "topic" | "place" | "unit" | "note";

const PAUSE_MS = 600;
const RETRY_MS = 3000;

export function useAutosave(onSaved: (work: Work) => void) {
  const state = reactive({ ticketNo: "", work: null as Work | null, typed: {} as Partial<Record<Field, string>>, isSaving: false });
  let timer = 0;

  async function open(ticketNo: string): Promise<void> {
    await flush();
    const path = { ticket_no: ticketNo };
    const work = await got(api.GET("/api/v1/tickets/{ticket_no}/work", { params: { path } }));
    Object.assign(state, { ticketNo, work, typed: {} });
  }

  function type(field: Field, text: string): void {
    state.typed[field] = text;
    later(PAUSE_MS);
  }

  function later(ms: number): void {
    clearTimeout(timer);
    timer = window.setTimeout(save, ms);
  }

  async function save(): Promise<void> {
    const typed = { ...state.typed };
    if (!state.work || !Object.keys(typed).length || state.isSaving) return;
    state.isSaving = true;
    const path = { ticket_no: state.ticketNo };
    const body = { version: state.work.version, ...typed };
    try {
      const saved = await got(api.PATCH("/api/v1/tickets/{ticket_no}", { params: { path }, body }));
      for (const field of Object.keys(typed) as Field[]) if (state.typed[field] === typed[field]) delete state.typed[field];
      take(saved);
    } catch (error) {
      await recover(error);
    } finally {
      state.isSaving = false;
    }
    if (Object.keys(state.typed).length) later(PAUSE_MS);
  }

  async function recover(error: unknown): Promise<void> {
    if (error instanceof Refused && error.id === "wrong_version") {
      note(words.value.ticket.overtaken, true);
      const path = { ticket_no: state.ticketNo };
      take(await got(api.GET("/api/v1/tickets/{ticket_no}/work", { params: { path } })));
    } else if (error instanceof Refused && error.status === 0) {
      later(RETRY_MS);
    } else {
      note(complaint(error), true);
      state.typed = {};
    }
  }

  function take(work: Work): void {
    state.work = work;
    onSaved(work);
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    await save();
  }

  onUnmounted(flush);
  return { state, open, type, flush, take };
}
