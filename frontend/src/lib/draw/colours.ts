/** Reading the theme's colours for drawing on a canvas. */

/** The colour that custom property `name` stands for at `host`, resolved for the present scheme. */
export function colourOf(host: Element, name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  probe.hidden = true;
  (host.parentElement ?? host).append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

/** The red, green and blue (0 to 255) of a resolved colour. */
export function channels(colour: string): [number, number, number] {
  const found = colour.match(/[\d.]+/g)?.map(Number) ?? [];
  const scale = colour.startsWith("color(") ? 255 : 1;
  return [0, 1, 2].map((at) => Math.round((found[at] ?? 0) * scale)) as [number, number, number];
}
