import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const DIST = "dist";

/** Lays a gzipped twin beside each text file of the build; the server sends it to whoever can read it. */
function gzipped(): Plugin {
  return {
    name: "gzipped",
    apply: "build",
    closeBundle() {
      for (const name of readdirSync(DIST, { recursive: true, encoding: "utf8" })) {
        if (!/\.(js|css|svg)$/.test(name)) continue;
        const content = readFileSync(join(DIST, name));
        if (content.length > 1024) writeFileSync(join(DIST, `${name}.gz`), gzipSync(content, { level: 9 }));
      }
    },
  };
}

// The server serves `dist` under /static/ and finds the files' names in `dist/.vite/manifest.json`.
export default defineConfig({
  base: "/static/",
  plugins: [svelte(), gzipped()],
  worker: { format: "es" },
  build: {
    outDir: DIST,
    manifest: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // One script of under 300 kB gzipped: the editor, the graph and the charts are all there at the first look.
    chunkSizeWarningLimit: 900,
    rolldownOptions: { input: ["src/main.ts", "src/plain.ts"] },
  },
  test: { include: ["src/**/*.test.ts", "scripts/**/*.test.ts"], environment: "node" },
});
