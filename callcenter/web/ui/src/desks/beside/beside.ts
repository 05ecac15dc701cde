// Which talk somebody wants to be beside, and the one that this account is beside. What holds is on the board.
import { computed, ref } from "vue";
import type { Models } from "../../api/client";
import { board } from "../../live/board";
import { session } from "../session/session";

export type Mode = Models["Mode"];
export const MODES: readonly Mode[] = ["listen", "whisper", "join"];

/** The contact of the talk that was chosen on the board; empty: none. */
export const chosen = ref("");

/** The reason that was given for the talk listened to: a switch of the mode is for the same one, and audited with it. */
export const reason = ref("");

/** Talks that can be chosen, by seat. */
export const talks = computed(() =>
  [...board.calls.values()].filter((call) => call.state === "talking" && call.seat_id).sort((a, b) => a.seat_id!.localeCompare(b.seat_id!)),
);
export const heard = computed(() => [...board.calls.values()].filter((call) => call.beside));
export const mine = computed(() => heard.value.find((call) => call.beside?.by === session.me?.name) ?? null);
