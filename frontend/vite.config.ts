import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

// The server serves `dist` under /static/ and finds the files' names in `dist/.vite/manifest.json`.
export default defineConfig({
  base: "/static/",
  plugins: [svelte()],
  worker: { format: "es" },
  build: {
    outDir: "dist",
    manifest: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: { input: ["src/main.ts", "src/plain.ts"] },
  },
  test: { include: ["src/**/*.test.ts", "scripts/**/*.test.ts"], environment: "node" },
});
