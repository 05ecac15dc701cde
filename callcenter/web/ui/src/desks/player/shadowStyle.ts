// A library that writes its style into a shadow root as text is refused by our policy; as a sheet of its own it is allowed.

const STYLE = /<style[^>]*>([\s\S]*?)<\/style>/;

/** Run ``make``; shadow roots that it fills get their style as an adopted sheet. */
export function withSheets<T>(make: () => T): T {
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (init) {
    const root = attach.call(this, init);
    Object.defineProperty(root, "innerHTML", { configurable: true, set: (html: string) => fill(root, html) });
    return root;
  };
  try {
    return make();
  } finally {
    Element.prototype.attachShadow = attach;
  }
}

function fill(root: ShadowRoot, html: string): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE.exec(html)?.[1] ?? "");
  root.adoptedStyleSheets = [sheet];
  Reflect.deleteProperty(root, "innerHTML");
  root.innerHTML = html.replace(STYLE, "");
}
