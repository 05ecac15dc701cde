import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

/** One page under /desk/, its parts under the hash of their content; nothing inline, as the strict CSP demands. */
export default defineConfig({
  base: "/desk/",
  plugins: [vue()],
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false }, sourcemap: false },
  server: { proxy: { "/api": { target: "http://127.0.0.1:8080", ws: true } } },
});
