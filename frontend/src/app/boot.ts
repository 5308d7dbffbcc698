/** What the server says about the page it serves: one JSON object in the document. */

import type { Program } from "../protocol/api";

export type Page = "playground" | "snippet" | "embed" | "lesson" | "lessons";

export interface Device {
  name: string;
  available: boolean;
  /** Why it is not available, in a sentence. */
  reason: string | null;
}

/** A shared program as the API gives it. */
export interface Snippet extends Program {
  slug: string;
  title: string;
  description: string;
  parent: string | null;
  view: Record<string, unknown>;
}

export interface Lesson {
  name: string;
  title: string;
  summary: string;
  code: string;
  seed: number | null;
  /** The text, rendered by the server from our own Markdown. */
  sections: { html: string }[];
}

export interface Boot {
  page: Page;
  snippet: Snippet | null;
  lesson: Lesson | null;
  /** A recorded run to open with; `id` is null for one that is shipped as a file. */
  run: { id: string | null; recording_url: string } | null;
  demo_url: string | null;
  /** The program of the demo, so that Run has it before its recording has come. */
  demo?: { title: string; code: string; seed: number | null } | null;
  devices: Device[];
  limits: { time_limit_s?: number; memory_mb?: number; code_bytes?: number };
  version: string;
  /** What everybody must know who runs a program here. */
  notice?: string | null;
}

/** The object that the document carries. Throws where there is none: then the page was not served by our server. */
export function readBoot(document: Document): Boot {
  const element = document.getElementById("boot");
  if (!element?.textContent) throw new Error("the document carries no boot object");
  return JSON.parse(element.textContent) as Boot;
}
