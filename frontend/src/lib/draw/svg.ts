/** Making SVG elements, and changing only what is different. */

const NAMESPACE = "http://www.w3.org/2000/svg";

type Attributes = Record<string, string | number>;

/** A new SVG element with `attributes`, put into `parent`. */
export function element<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes,
  parent?: Element,
): SVGElementTagNameMap[Tag] {
  const made = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  parent?.append(made);
  return made;
}

/** A line of text at (x, y), `anchor` "start" or "end". */
export function label(
  text: string,
  x: number,
  y: number,
  kind: string,
  parent: Element,
  anchor: "start" | "middle" | "end" = "start",
): SVGTextElement {
  const made = element("text", { x, y, class: kind, "text-anchor": anchor }, parent);
  made.textContent = text;
  return made;
}

/** Sets an attribute if it is another one. */
export function set(target: Element, name: string, value: string): void {
  if (target.getAttribute(name) !== value) target.setAttribute(name, value);
}

/** Sets a text if it is another one. */
export function say(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
