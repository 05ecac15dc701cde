// The board as the server tells it: whole at first, then what changes. Nothing is computed here but the time that passes.
import { computed, reactive, ref } from "vue";
import type { Models } from "../api/client";
import type { Frame } from "./stream";
import { lived } from "./wake";

type Told = Models["BoardFrame"];
export type Seat = Models["SeatView"] & { since: number };
export type Call = Models["CallView"] & { since: number };
export type Queue = Models["QueueView"] & { since: number | null };
export type Component = Models["ComponentView"];
export type Surge = Models["SurgeView"];
export type Alarm = Models["AlarmView"];

const TICK_MS = 1000;

/** This computer's clock, in milliseconds, once a second: for what lasts. */
export const now = ref(Date.now());
setInterval(() => {
  lived();
  now.value = Date.now();
}, TICK_MS);

const aheadMs = ref(0);
/** The server's clock as its last frame told it, in milliseconds: for what has a date, however wrong this computer's clock is. */
export const serverNow = computed(() => now.value - aheadMs.value);

export const board = reactive({
  seats: new Map<string, Seat>(),
  calls: new Map<string, Call>(),
  queues: new Map<string, Queue>(),
  components: new Map<string, Component>(),
  surge: null as Surge | null,
  alarms: [] as Alarm[],
  at: "",
});

/** When something happened that the server tells, by this computer's clock. */
export function hereAt(at: string): number {
  return Date.parse(at) + aheadMs.value;
}

/** Take in a frame of the stream. */
export function takeBoard(frame: Frame): void {
  const told = frame as unknown as Told;
  const at = Date.now();
  const ahead = at - Date.parse(told.at);
  aheadMs.value = told.whole ? ahead : Math.min(ahead, aheadMs.value); // what lay in a sleeping computer says nothing of it
  if (told.whole) for (const rows of [board.seats, board.calls, board.queues, board.components]) rows.clear();
  for (const seat of told.seats) board.seats.set(seat.seat_id, { ...seat, since: at - seat.state_s * 1000 });
  for (const call of told.calls) board.calls.set(call.contact_id, { ...call, since: at - call.duration_s * 1000 });
  for (const queue of told.queues) {
    const waited = queue.longest_wait_s;
    board.queues.set(queue.queue, { ...queue, since: waited == null ? null : at - waited * 1000 });
  }
  for (const part of told.components) board.components.set(part.name, part);
  for (const id of told.gone) board.calls.delete(id);
  if (told.surge) board.surge = told.surge;
  if (told.alarms) board.alarms = told.alarms;
  board.at = told.at;
}

/** Seconds since an instant of this computer's clock. */
export function secondsSince(since: number): number {
  return Math.max(0, Math.floor((now.value - since) / 1000));
}
