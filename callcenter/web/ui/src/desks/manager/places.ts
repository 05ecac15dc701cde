// Where every seat is: by the skill groups of the live board, with the version that a move hands back.
import { computed, type ComputedRef } from "vue";
import { api, got, type Models } from "../../api/client";
import { board, type Seat } from "../../live/board";
import { useFresh } from "../../live/fresh";

/** Of a group: its key is the queues that ring its seats first, joined by a plus; all alike: none. */
export interface Group {
  key: string;
  seats: Seat[];
  waiting: number | null;
}

export const ALL_ALIKE = "";
export const SURVEYS = "~surveys";

type Places = Models["RebalancesView"];

/** Groups of seats, those of one queue first, and where each seat is by its number. */
export function usePlaces(): { groups: ComputedRef<Group[]>; where: ComputedRef<Map<string, Places["seats"][number]>>; again: () => void } {
  const places = useFresh(() => got(api.GET("/api/v1/rebalance", { params: { query: { limit: 1 } } })), ["rebalance.", "seat.skills"]);
  const where = computed(() => new Map((places.data.value?.seats ?? []).map((seat) => [seat.seat_id, seat])));

  function keyOf(seat: Seat): string {
    if (where.value.get(seat.seat_id)?.now.duty === "surveys") return SURVEYS;
    return (seat.skills ?? []).join("+");
  }

  const groups = computed(() => {
    const found = new Map<string, Group>();
    const open = (key: string) => found.get(key) ?? found.set(key, { key, seats: [], waiting: board.queues.get(key)?.waiting ?? null }).get(key)!;
    for (const queue of board.queues.keys()) open(queue);
    open(ALL_ALIKE);
    for (const seat of board.seats.values()) open(keyOf(seat)).seats.push(seat);
    open(SURVEYS);
    return [...found.values()];
  });
  return { groups, where, again: places.again };
}
