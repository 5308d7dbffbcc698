/** The tokens' colours as canvases need them: `light-dark()` and system colours resolved to what is on the screen. */

const probes = new WeakMap<Document, HTMLElement>();

/** The colour of a token ("--accent") as `rgb(...)`. Ask again after a change of theme. */
export function color(token: string, page: Document = document): string {
  let probe = probes.get(page);
  if (!probe) {
    probe = page.createElement("span");
    probe.hidden = true;
    page.documentElement.append(probe);
    probes.set(page, probe);
  }
  probe.style.color = `var(${token})`;
  return getComputedStyle(probe).color;
}

/** Calls `listener` when the theme changes, by the reader's choice or the system's. Gives back the way to end it. */
export function onThemeChange(listener: () => void): () => void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const forced = matchMedia("(forced-colors: active)");
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  dark.addEventListener("change", listener);
  forced.addEventListener("change", listener);
  return () => {
    observer.disconnect();
    dark.removeEventListener("change", listener);
    forced.removeEventListener("change", listener);
  };
}
