// Asking the server. Types come from the OpenAPI document; every failure is a Refused with the API's error id.
import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema";

export type Models = components["schemas"];

export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly id: string,
    readonly told: string,
    readonly details: Record<string, unknown> = {},
  ) {
    super(id);
  }

  /** Whether the server may well do later what it did not do now: it is away or busy, or the session has ended. */
  get isPassing(): boolean {
    return [0, 401, 429].includes(this.status) || this.status >= 500;
  }
}

/** What the page does about its session: ``ended``: nobody is signed in any more; ``renew``: learn the newest token. */
interface Guard {
  ended: () => void;
  renew: () => Promise<void>;
}

let csrf = "";
let guard: Guard = { ended: () => {}, renew: async () => {} };

/** The token that lets this page change things; told at sign-in. */
export function useCsrf(token: string): void {
  csrf = token;
}

export function useGuard(wanted: Guard): void {
  guard = wanted;
}

const guarded: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET") {
      request.headers.set("X-CSRF-Token", csrf);
      request.headers.set("Idempotency-Key", crypto.randomUUID());
    }
    return request;
  },
};

/** Ask. Who signed in again a moment ago, here or in another tab, has a new session: what was refused for it is asked anew. */
async function ask(request: Request): Promise<Response> {
  const again = request.clone();
  const answer = await fetch(request);
  if (answer.status !== 403 || (await idOf(answer.clone())) !== "bad_csrf") return answer;
  await guard.renew();
  again.headers.set("X-CSRF-Token", csrf);
  return fetch(again);
}

async function idOf(answer: Response): Promise<string> {
  const told = (await answer.json().catch(() => ({}))) as { error_id?: string };
  return told.error_id ?? "";
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: ask });
api.use(guarded);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The answer's data, or a Refused. */
export async function got<T>(asked: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await asked.catch(() => {
    throw new Refused(0, "unreachable", "");
  });
  if (response.ok) return data as T;
  const told = (error ?? {}) as { error_id?: string; message?: string; details?: Record<string, unknown> };
  if (told.error_id === "not_signed_in") guard.ended();
  throw new Refused(response.status, told.error_id ?? "error", told.message ?? "", told.details);
}
