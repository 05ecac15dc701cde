// Light or dark, as the system says or as chosen on this computer.
import { ref, watchEffect } from "vue";

export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];
const KEPT = "theme";

const kept = localStorage.getItem(KEPT) as Theme | null;
export const theme = ref<Theme>(kept && THEMES.includes(kept) ? kept : "auto");

watchEffect(() => {
  localStorage.setItem(KEPT, theme.value);
  document.documentElement.dataset.theme = theme.value;
});
