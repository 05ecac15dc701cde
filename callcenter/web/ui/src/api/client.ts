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
}

let csrf = "";

/** The token that lets this page change things; told at sign-in. */
export function useCsrf(token: string): void {
  csrf = token;
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

export const api = createClient<paths>({ baseUrl: location.origin });
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
  throw new Refused(response.status, told.error_id ?? "error", told.message ?? "", told.details);
}
