// Who sits here. A session that expires is opened again in place: nothing on the page is lost.
import { computed, reactive } from "vue";
import { type Models, api, got, Refused, useCsrf, useGuard } from "../../api/client";

type Me = Models["MeView"];

export const session = reactive({ me: null as Me | null, isKnown: false, hasExpired: false, takenOver: null as Models["SessionTakenFrame"] | null });

export const may = computed(() => new Set(session.me?.permissions ?? []));

function begin(me: Me): void {
  if (session.me && session.me.name !== me.name) return location.reload(); // somebody else, in another tab: nothing here is his
  useCsrf(me.csrf);
  Object.assign(session, { me, isKnown: true, hasExpired: false, takenOver: null });
}

/** Whose session the browser holds, if any. */
export async function recall(): Promise<void> {
  try {
    begin(await got(api.GET("/api/v1/session/me")));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    session.isKnown = true;
  }
}

/** Ask for a new sign-in in place. */
export function expire(): void {
  session.hasExpired = session.me !== null;
}

useGuard({ ended: expire, renew: recall });
addEventListener("focus", () => void (session.hasExpired && recall())); // signed in again in another tab meanwhile

/** Sign in. Raises Refused. */
export async function signIn(name: string, password: string, code: string): Promise<void> {
  begin(await got(api.POST("/api/v1/session", { body: { name, password, code, kind: "cookie" } })));
}

export async function signOut(): Promise<void> {
  await got(api.DELETE("/api/v1/session"));
  session.me = null;
}

/** Change one's own password. Raises Refused. */
export async function changePassword(old: string, fresh: string): Promise<void> {
  await got(api.POST("/api/v1/accounts/me/password", { body: { old, new: fresh } }));
  if (session.me) session.me.must_change_password = false;
}
