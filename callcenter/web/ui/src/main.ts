import { createApp } from "vue";
import { createRouter, createWebHashHistory } from "vue-router";
import App from "./App.vue";
import "./look.css";
import { ROUTES } from "./pages";

const router = createRouter({ history: createWebHashHistory(), routes: ROUTES });

createApp(App).use(router).mount("#desk");
