import { createApp } from "vue";
import { createRouter, createWebHashHistory } from "vue-router";
import App from "./App.vue";
import ShiftBoard from "./desks/manager/ShiftBoard.vue";
import "./look.css";

const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: "/", redirect: "/board" },
    { path: "/board", component: ShiftBoard },
    { path: "/:other(.*)*", redirect: "/board" },
  ],
});

createApp(App).use(router).mount("#desk");
