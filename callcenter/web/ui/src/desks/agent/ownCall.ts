// The call of the own seat and its ticket; after the call they stay until the next one is answered, for after-call work.
import { computed, ref, watch } from "vue";
import { api, got } from "../../api/client";
import { board, type Seat } from "../../live/board";
import { useFresh } from "../../live/fresh";

export function useOwnCall(seat: () => Seat | null) {
  /** Who is shown: rings already, or is talked with, or was. */
  const contactId = ref("");
  /** Whose ticket is shown: a phone that rings takes no form away from who still types. */
  const workedId = ref("");

  watch(() => seat()?.contact_id, (id) => id && (contactId.value = id), { immediate: true });
  watch(
    () => [seat()?.contact_id, seat()?.state],
    ([id, state]) => id && (state !== "ringing" || !workedId.value) && (workedId.value = id),
    { immediate: true },
  );

  const list = useFresh(async () => {
    const id = workedId.value;
    return id ? got(api.GET("/api/v1/tickets", { params: { query: { contact_id: id, limit: 1 } } })) : null;
  }, ["ticket."]);
  watch([workedId, () => seat()?.state], list.again);

  const ticketNo = computed(() => {
    const found = list.data.value?.items[0];
    return found?.contact_id === workedId.value ? found.ticket_no : "";
  });
  const call = computed(() => board.calls.get(contactId.value) ?? null);
  return { contactId, ticketNo, call };
}
