// Proposals: what each kind does when it is applied, how it is taken back, and the effect that the server predicts, asked once.
import { reactive } from "vue";
import { api, got, type Models, Refused } from "../../api/client";

export type Proposal = Models["ShiftProposalView"];
export type WhatIf = Models["WhatIfView"];
export type Plan = Models["PreviewView"];

export interface Effect {
  state: "asking" | "told" | "failed";
  whatIf?: WhatIf;
  plan?: Plan;
  error?: unknown;
}

export interface Done {
  proposal: Proposal;
  effect?: Effect;
  at: number;
  isUndone: boolean;
  /** Of moved seats: which move. */
  moveId: string;
}

const EFFECTS_MAX = 30;
const DONE_MAX = 8;
const GROUP_HOURS = 1;

/** By proposal; the oldest are forgotten, for a board stays open for days. */
export const effects = reactive(new Map<string, Effect>());
/** What was applied at this page, newest first. */
export const done = reactive<Done[]>([]);
let turn: Promise<unknown> = Promise.resolve(); // one simulation after the other: the server answers one at a time

function moves(proposal: Proposal) {
  return proposal.seats.map(({ seat_id, version }) => ({
    seat_id,
    version,
    duty: proposal.kind === "inbound" ? ("inbound" as const) : null,
    skills: proposal.queue ? [proposal.queue] : null,
  }));
}

/** Ask for the predicted effect, unless it is known; ``again``: whatever is known. */
export function predict(proposal: Proposal, again = false): void {
  if (effects.has(proposal.id) && !again) return;
  effects.set(proposal.id, { state: "asking" });
  for (const id of effects.keys()) if (effects.size > EFFECTS_MAX) effects.delete(id);
  turn = turn.then(async () => {
    try {
      effects.set(proposal.id, { state: "told", ...(await asked(proposal)) });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      effects.set(proposal.id, { state: "failed", error });
    }
  });
}

async function asked(proposal: Proposal): Promise<Partial<Effect>> {
  if (proposal.change) return { whatIf: await got(api.POST("/api/v1/what-if", { body: proposal.change })) };
  return { plan: await got(api.POST("/api/v1/rebalance/preview", { body: { moves: moves(proposal), hours: GROUP_HOURS } })) };
}

/** Do it. Raises Refused. */
export async function apply(proposal: Proposal, why: string): Promise<void> {
  let moveId = "";
  if (proposal.kind === "level" || proposal.kind === "wrap_up") await got(api.POST("/api/v1/surge", { body: { level: proposal.level, why } }));
  else if (proposal.kind === "cloud") await got(api.POST("/api/v1/cloud/apply", { body: { why } }));
  else if (proposal.kind === "partner") await got(api.POST("/api/v1/partner/pause", { body: { paused: false, why } }));
  else moveId = (await got(api.POST("/api/v1/rebalance/apply", { body: { moves: moves(proposal), hours: GROUP_HOURS, why } }))).id;
  done.unshift({ proposal, effect: effects.get(proposal.id), at: Date.now(), isUndone: false, moveId });
  done.splice(DONE_MAX);
}

/** Take it back. Raises Refused. */
export async function undo(one: Done, why: string): Promise<void> {
  const { kind } = one.proposal;
  if (kind === "level" || kind === "wrap_up") await got(api.POST("/api/v1/surge/undo", { body: { why } }));
  else if (kind === "cloud") await got(api.POST("/api/v1/cloud/call-off", { body: { why } }));
  else if (kind === "partner") await got(api.POST("/api/v1/partner/pause", { body: { paused: true, why } }));
  else await got(api.POST("/api/v1/rebalance/undo", { body: { id: one.moveId, why } }));
  one.isUndone = true;
}

/** A share in percent. */
export function percent(share: number | null | undefined): string {
  return share == null ? "—" : `${Math.round(share * 100)} %`;
}

/** Two standard errors around what is predicted with the change, in percent; empty where the error is not known. */
export function rangeOf(told: WhatIf): string {
  const share = told.with_change.served_within_share;
  const error = told.spread.served_within_share;
  if (share == null || error == null) return "";
  const [low, high] = [share - 2 * error, share + 2 * error].map((end) => Math.round(100 * Math.min(1, Math.max(0, end))));
  return `${low}–${high} %`;
}
