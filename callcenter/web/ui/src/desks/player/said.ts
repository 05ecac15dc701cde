// What is being said at a second: for each running turn the place of its word. Pure; both may speak at once.
import type { Models } from "../../api/client";

export type Turn = Models["TranscriptView"]["turns"][number];

/** A place in a recording that somebody should hear; ``to`` behind its last word. */
export interface Mark {
  at: number;
  to?: number | null;
  label: string;
  kind: "finding" | "note";
}

const BREATH_S = 0.3;

/** ``[turn, word]`` of all that is being said; a word lasts until the next one of its turn. */
export function saidAt(turns: readonly Turn[], second: number): [number, number][] {
  return turns.flatMap((turn, at): [number, number][] => {
    if (second < turn.from_s || second >= turn.to_s + BREATH_S) return [];
    return [[at, turn.words.findLastIndex((word) => word.from_s <= second)]];
  });
}

/** The turn in which something at this second belongs: the last one that has begun. */
export function turnAt(turns: readonly Turn[], second: number): number {
  return Math.max(0, turns.findLastIndex((turn) => turn.from_s <= second));
}

/** Spans in which nobody is heard for at least ``least_s``, by the waveform. */
export function silences(sides: readonly (readonly number[])[], perS: number, least_s: number): [number, number][] {
  const QUIET = 0.012; // of the loudest: the noise of a line
  const found: [number, number][] = [];
  const length = Math.max(0, ...sides.map((side) => side.length));
  let begun = 0;
  for (let at = 0; at <= length; at++) {
    if (at < length && sides.every((side) => (side[at] ?? 0) <= QUIET)) continue;
    if ((at - begun) / perS >= least_s) found.push([begun / perS, at / perS]);
    begun = at + 1;
  }
  return found;
}
