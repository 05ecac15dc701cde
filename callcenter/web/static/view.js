// Draws the board. Text is only ever put in as text nodes.
import { text, word } from "./text.js";

/** An element with attributes and children (elements or text). */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children.map((child) => child ?? ""));
  return element;
}

/** 3723 -> 1:02:03 */
export function clock(seconds) {
  if (seconds === null || seconds === undefined) return text("unknown");
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, "0"));
  const hours = Math.floor(whole / 3600);
  return (hours ? `${hours}:` : "") + parts.join(":");
}

function ticking(seconds) {
  const element = el("span", { class: "time" }, clock(seconds));
  if (seconds !== null) element.dataset.from = seconds;
  return element;
}

/** Let every running time on the page show `passed` more seconds. */
export function tick(passed) {
  for (const element of document.querySelectorAll("[data-from]")) {
    element.textContent = clock(Number(element.dataset.from) + passed);
  }
}

const figure = (value) => (value === null ? text("unknown") : String(value));

/** Draw a snapshot. */
export function drawBoard(status) {
  fill("queues", status.queues.map(queueCard));
  const citizens = new Map(status.calls.map((call) => [call.contact_id, call.citizen]));
  const present = status.seats.filter((seat) => seat.state !== "off");
  const off = status.seats.filter((seat) => seat.state === "off");
  fill("seats", present.map((seat) => seatTile(seat, citizens)));
  fill("off-seats", [off.map((seat) => seat.seat_id).join(" ") || text("unknown")]);
  fill("components", status.components.map(componentChip));
  fill("calls", [callTable(status.calls)]);
  fill("seat-summary", [text("logged_in", { in: present.length, all: status.seats.length })]);
  fill("call-count", [text("count", { n: status.calls.length })]);
}

function fill(id, children) {
  document.getElementById(id).replaceChildren(...children);
}

function queueCard(queue) {
  const longest = ticking(queue.longest_wait_s);
  longest.className = queue.longest_wait_s > 60 ? "alarm" : "";
  const item = (key, value) => el("div", {}, el("dt", {}, text(key)), el("dd", {}, value));
  return el(
    "article",
    { class: "card" },
    el("h3", {}, queue.queue),
    el(
      "dl",
      { class: "figures" },
      item("waiting", figure(queue.waiting)),
      item("longest", longest),
      item("ready_seats", figure(queue.ready_seats)),
    ),
  );
}

function seatTile(seat, citizens) {
  const note = seat.wish ? text("wish", { what: word("wishes", seat.wish) }) : word("reasons", seat.reason);
  const tile = el(
    "li",
    { class: SEAT_STATES.has(seat.state) ? seat.state : "" },
    el("b", {}, seat.seat_id),
    ticking(seat.state_s),
    el("div", { class: "state" }, word("seat_states", seat.state)),
    el("small", {}, note || citizens.get(seat.contact_id) || ""),
  );
  if (note) tile.title = note;
  return tile;
}

const SEAT_STATES = new Set(["ready", "ringing", "dialing", "talking", "wrap_up", "on_break", "unreachable"]);

function componentChip(part) {
  const known = ["up", "degraded", "down"].includes(part.state) ? part.state : "down";
  const state = el("span", { class: "state" }, word("component_states", part.state));
  return el("li", { class: known }, `${part.name} `, state, part.detail ? ` ${part.detail}` : "");
}

const SURGE_COLORS = ["up", "degraded", "down", "down"];

/** Draw the surge level and what is owed; `null`: unknown. */
export function drawSurge(surge) {
  if (!surge) return fill("surge", []);
  const level = el("span", { class: "state" }, word("levels", surge.level));
  const proposal = surge.proposal === null ? "" : ` · ${text("proposed", { level: word("levels", surge.proposal) })}`;
  const held = surge.mode === "declared" ? ` · ${text("declared")}` : "";
  const owed = Object.entries(surge.owed).map(([ground, count]) => el("li", {}, `${word("grounds", ground)} ${count}`));
  return fill("surge", [el("li", { class: SURGE_COLORS[surge.level] ?? "down" }, `${text("level")} `, level, held + proposal), ...owed]);
}

function callTable(calls) {
  if (!calls.length) return el("p", { class: "empty" }, text("no_calls"));
  return table(
    ["citizen", "state", "queue", "seat", "duration"],
    calls.map((call) => [
      call.citizen || text("unknown"),
      word("contact_states", call.state),
      call.queue ?? text("unknown"),
      call.seat_id ?? text("unknown"),
      ticking(call.duration_s),
    ]),
  );
}

/** Draw the newest tickets. */
export function drawTickets(tickets) {
  if (!tickets.length) return fill("tickets", [el("p", { class: "empty" }, text("no_tickets"))]);
  const rows = tickets.map((ticket) => [
    ticket.ticket_no,
    new Date(ticket.created_at).toLocaleTimeString("zh-CN", { hour12: false }),
    ticket.citizen || text("unknown"),
    ticket.seat_id ?? text("unknown"),
    ticket.nature ? word("natures", ticket.nature) : text("unknown"),
    (document.documentElement.lang === "en" ? ticket.topic : ticket.topic_name) ?? text("unknown"),
    word("ticket_states", ticket.state),
  ]);
  return fill("tickets", [table(["ticket_no", "created", "citizen", "seat", "nature", "topic", "state"], rows)]);
}

function table(keys, rows) {
  const head = el("tr", {}, ...keys.map((key) => el("th", { scope: "col" }, text(key))));
  const body = rows.map((row) => el("tr", {}, ...row.map((cell) => el("td", {}, cell))));
  return el("table", {}, el("thead", {}, head), el("tbody", {}, ...body));
}
