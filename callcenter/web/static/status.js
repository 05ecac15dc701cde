// The status page: signs in, keeps the board in step, says so when it cannot.
import { ask, me, signIn, signOut } from "./api.js";
import { Feed } from "./feed.js";
import { complaint, switchLanguage, text, translate } from "./text.js";
import { drawBoard, drawSurge, drawTickets, tick } from "./view.js";

const TICKETS_SHOWN = 12;
const byId = (id) => document.getElementById(id);
const shown = { status: null, surge: null, tickets: [], at: 0, link: "" };

const feed = new Feed({
  async refresh() {
    const [status, surge] = await Promise.all([ask("GET", "/status"), ask("GET", "/surge").catch(() => null)]);
    Object.assign(shown, { status, surge, at: performance.now() });
    draw();
    return status.seq;
  },
  onEvent(event) {
    if (event.type.startsWith("ticket.")) refreshTickets();
  },
  onLink(link) {
    if (link === "live") refreshTickets();
    shown.link = link;
    drawLink();
  },
  onRefused: askForSignIn,
});

async function refreshTickets() {
  try {
    shown.tickets = (await ask("GET", `/tickets?limit=${TICKETS_SHOWN}`)).items;
    drawTickets(shown.tickets);
  } catch { /* the next event or reconnection asks again */ }
}

function draw() {
  if (!shown.status) return;
  drawBoard(shown.status);
  drawSurge(shown.surge);
  drawTickets(shown.tickets);
  drawLink();
}

function drawLink() {
  const isLost = shown.link === "lost";
  const badge = byId("link");
  badge.className = `badge ${shown.link}`;
  badge.textContent = shown.link ? text(shown.link) : "";
  byId("board").classList.toggle("is-stale", isLost);
  byId("stale").hidden = !isLost;
  const at = shown.status ? new Date(shown.status.as_of).toLocaleTimeString("zh-CN", { hour12: false }) : text("unknown");
  byId("stale").textContent = text("stale", { at });
}

function show(id) {
  for (const main of document.querySelectorAll("main")) main.hidden = main.id !== id;
  for (const button of ["leave", "password"]) byId(button).hidden = id !== "board";
}

function askForSignIn() {
  feed.stop();
  Object.assign(shown, { status: null, surge: null, tickets: [], link: "" });
  drawLink();
  show("sign-in");
  byId("sign-in-form").elements.name.focus();
}

function enter(identity) {
  byId("must-change").hidden = !identity.must_change_password;
  show("board");
  shown.link = "connecting";
  drawLink();
  feed.start();
}

function onSubmit(id, act) {
  const form = byId(id);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = form.querySelector(".problem");
    problem.textContent = "";
    try {
      await act(new FormData(form));
      form.reset();
    } catch (error) {
      problem.textContent = complaint(error.id ?? "error");
    }
  });
}

onSubmit("sign-in-form", async (fields) => enter(await signIn(fields.get("name"), fields.get("password"))));
onSubmit("password-form", async (fields) => {
  await ask("POST", "/accounts/me/password", { old: fields.get("old"), new: fields.get("new") });
  byId("must-change").hidden = true;
  byId("password-dialog").close();
});
byId("password").addEventListener("click", () => byId("password-dialog").showModal());
byId("password-cancel").addEventListener("click", () => byId("password-dialog").close());
byId("leave").addEventListener("click", async () => {
  await signOut().catch(() => {});
  askForSignIn();
});
byId("language").addEventListener("click", () => {
  switchLanguage();
  draw();
  drawLink();
});
setInterval(() => {
  if (shown.link === "live") tick((performance.now() - shown.at) / 1000);
}, 1000);

translate();
try {
  enter(await me());
} catch {
  askForSignIn();
}
