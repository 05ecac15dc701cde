import { createApp } from "vue";
import { createRouter, createWebHashHistory } from "vue-router";
import App from "./App.vue";
import CallbackPage from "./desks/manager/CallbackPage.vue";
import ShiftBoard from "./desks/manager/ShiftBoard.vue";
import "./look.css";

const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: "/", component: { render: () => null } }, // the frame leads on to the first page of the role
    { path: "/board", component: ShiftBoard },
    { path: "/owed", component: CallbackPage },
    { path: "/accounts", component: () => import("./desks/admin/AccountsPage.vue") },
    { path: "/agent", component: () => import("./desks/agent/AgentDesk.vue") },
    { path: "/quality/:id?", component: () => import("./desks/quality/QualityPage.vue") },
    { path: "/tickets/:no?", component: () => import("./desks/tickets/TicketPage.vue") },
    { path: "/:other(.*)*", redirect: "/" },
  ],
});

createApp(App).use(router).mount("#desk");
