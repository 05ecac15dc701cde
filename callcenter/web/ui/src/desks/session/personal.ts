// What one person looked for or gave as a reason is nothing to the next one at the same computer.
import { watch } from "vue";
import { session } from "./session";

/** Run ``forget`` when whoever sits here signs out, or somebody else signs in. */
export function forgetAfter(forget: () => void): void {
  watch(
    () => session.me?.name,
    (_, before) => {
      if (before !== undefined) forget();
    },
  );
}
