// What the sign-in page learns before anybody is known: the identity provider's button, and how far this computer's clock is off.
import { computed, onMounted, ref } from "vue";
import { api, got, Refused } from "../../api/client";

const TOLERATED_S = 30;

/** Ways to sign in; ``ahead``: seconds by which this computer's clock is ahead of the server's, 0 if that is tolerable. */
export function useWays() {
  const oidc = ref("");
  const off = ref(0);
  onMounted(async () => {
    try {
      const sent = Date.now();
      const ways = await got(api.GET("/api/v1/sign-in"));
      oidc.value = ways.oidc;
      off.value = Math.round(((sent + Date.now()) / 2 - Date.parse(ways.at)) / 1000);
    } catch (error) {
      if (!(error instanceof Refused)) throw error; // the form itself says so when it is sent
    }
  });
  return { oidc, ahead: computed(() => (Math.abs(off.value) > TOLERATED_S ? off.value : 0)) };
}

/** What went wrong on the way back from the provider; told once. */
export function problemOfReturn(): string {
  const problem = new URLSearchParams(location.search).get("problem") ?? "";
  if (problem) history.replaceState(null, "", location.pathname + location.hash);
  return problem;
}
