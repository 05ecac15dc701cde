// What the server proposes for a ticket from the words heard so far: asked again, seldom, when something was said or saved.
import { onUnmounted, ref } from "vue";
import { api, got, type Models } from "../../api/client";
import { onFrame, useFresh } from "../../live/fresh";

export type Proposal = Models["FieldProposalView"];

const SELDOM_MS = 2000;

interface Said {
  subject: { contact_id: string };
  data: { channel: string };
}

/** The newest proposals for a ticket; ``contactId`` names whose captions are waited for. */
export function useSuggestions(ticketNo: string, contactId: () => string) {
  const path = { ticket_no: ticketNo };
  const fresh = useFresh(() => got(api.GET("/api/v1/tickets/{ticket_no}/suggestions", { params: { path } })), ["transcript.", "ticket."]);
  const isWaiting = ref(false);
  let timer = 0;

  onFrame("caption.said", (frame) => {
    const said = frame as unknown as Said;
    if (isWaiting.value || said.subject.contact_id !== contactId() || said.data.channel !== "citizen") return;
    isWaiting.value = true;
    timer = window.setTimeout(() => {
      isWaiting.value = false;
      fresh.again();
    }, SELDOM_MS);
  });
  onUnmounted(() => clearTimeout(timer));
  return fresh.data;
}
