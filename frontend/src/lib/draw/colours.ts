/** Reading the theme's colours for drawing on a canvas. */

export type Rgb = [number, number, number];

/** The colour that custom property `name` stands for at `host`, resolved for the present scheme. */
export function colourOf(host: Element, name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  // A picture made of colours stays one where the system's colours replace all others.
  probe.style.setProperty("forced-color-adjust", "none");
  probe.hidden = true;
  (host instanceof HTMLCanvasElement ? (host.parentElement ?? host) : host).append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

/** The same as red, green and blue from 0 to 255, whatever notation the browser resolves it to. */
export function rgbOf(host: Element, name: string): Rgb {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (!context) return [0, 0, 0];
  context.fillStyle = colourOf(host, name);
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}

/** Calls `changed` when the page's theme changes. Gives back the way to end it. */
export function onTheme(changed: () => void): () => void {
  const root = new MutationObserver(changed);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  root.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  scheme.addEventListener("change", changed);
  return () => {
    root.disconnect();
    scheme.removeEventListener("change", changed);
  };
}
