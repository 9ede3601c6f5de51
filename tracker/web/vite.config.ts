import { defineConfig } from "vite";

// RUNJSON_WEB_OUT is set by the hook of the Python build; the package data is where the server looks for the pages.
export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../src/runjson_server/web",
    emptyOutDir: true,
    target: "es2022",
    // The policy of the pages lets nothing inline run, so nothing is put in line; data: is for images alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8765" } },
});
