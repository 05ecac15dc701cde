// Keeps the state of a joining seat up to date; the page works without it, by being loaded again.
const LOOK_EVERY_MS = 2000;
const state = document.getElementById("state");
const again = document.getElementById("again");
const page = location.pathname.replace(/\/$/, "");

async function look() {
  const answer = await fetch(`${page}/state`, { cache: "no-store" });
  if (!answer.ok) return;
  const now = await answer.json();
  state.textContent = now.text;
  again.hidden = !now.can_retry;
}

again.addEventListener("click", async () => {
  again.hidden = true;
  await fetch(`${page}/check`, { method: "POST" });
});
setInterval(() => look().catch(() => {}), LOOK_EVERY_MS);
