// Every page of the desks: its name is its path and its word in the navigation; the server decides, this only shows what may be opened.
import type { RouteRecordRaw } from "vue-router";
import CallbackPage from "./desks/manager/CallbackPage.vue";
import ShiftBoard from "./desks/manager/ShiftBoard.vue";
import type { common } from "./words/common";

export type PageName = Exclude<keyof typeof common.zh.nav, "label">;

interface Page {
  name: PageName;
  /** The permission without which the page would be empty. */
  need: string;
  /** It is about the own seat: nobody without one needs it. */
  seated?: boolean;
  /** What follows the name in the path. */
  rest?: string;
  view: RouteRecordRaw["component"];
  /** Without the frame around it. */
  isBare?: boolean;
}

export const PAGES: readonly Page[] = [
  { name: "agent", need: "seat.ask_own", seated: true, view: () => import("./desks/agent/AgentDesk.vue") },
  { name: "board", need: "board.read", view: ShiftBoard },
  { name: "owed", need: "contact.read", view: CallbackPage },
  { name: "tickets", need: "ticket.read", rest: "/:no?", view: () => import("./desks/tickets/TicketPage.vue") },
  { name: "quality", need: "quality.read", rest: "/:id?", view: () => import("./desks/quality/QualityPage.vue") },
  { name: "mine", need: "quality.read_own", seated: true, view: () => import("./desks/mine/MinePage.vue") },
  { name: "search", need: "ticket.read", rest: "/:id?", view: () => import("./desks/quality/SearchPage.vue") },
  { name: "sampling", need: "quality.review", view: () => import("./desks/quality/SamplingPage.vue") },
  { name: "support", need: "seat.ask_any", view: () => import("./desks/support/SupportPage.vue") },
  { name: "duty", need: "board.read", rest: "/:room?", view: () => import("./desks/duty/DutyPage.vue") },
  { name: "house", need: "house.read", rest: "/:room?", view: () => import("./desks/admin/HousePage.vue") },
  { name: "wall", need: "board.read", view: () => import("./desks/manager/WallBoard.vue"), isBare: true },
];

export const ROUTES: RouteRecordRaw[] = [
  { path: "/", component: { render: () => null } }, // the frame leads on to the first page of the role
  ...PAGES.map(({ name, rest = "", view, isBare = false }) => ({ path: `/${name}${rest}`, component: view, meta: { isBare } }) as RouteRecordRaw),
  { path: "/:other(.*)*", redirect: "/" },
];
