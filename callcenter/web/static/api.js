// Asking the server. Every failure is a Refused with the API's error id.
const BASE = "/api/v1";
let csrf = "";

export class Refused extends Error {
  constructor(status, id) {
    super(id);
    this.status = status;
    this.id = id;
  }
}

/** Ask; the parsed answer, or null when there is none. */
export async function ask(method, path, body) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET" && csrf) headers["X-CSRF-Token"] = csrf;
  let response;
  try {
    response = await fetch(BASE + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Refused(0, "unreachable");
  }
  const answer = response.status === 204 ? null : await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, answer?.error_id ?? "error");
  return answer;
}

/** Who is signed in. Throws Refused 401 when nobody is. */
export async function me() {
  return remember(await ask("GET", "/session/me"));
}

/** Sign in by cookie. */
export async function signIn(name, password) {
  return remember(await ask("POST", "/session", { name, password, kind: "cookie" }));
}

/** Sign out. */
export async function signOut() {
  await ask("DELETE", "/session");
  csrf = "";
}

function remember(identity) {
  csrf = identity.csrf;
  return identity;
}

/** Open the event stream after a seq. */
export function openStream(since) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return new WebSocket(`${scheme}:` + `//${location.host}${BASE}/events?since=${since}`);
}
