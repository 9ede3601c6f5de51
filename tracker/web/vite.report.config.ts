import { defineConfig, type Plugin } from "vite";

// A report is one file: one script and one style, that `runjson export --to html` puts into it.
export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [withoutPages()],
  build: {
    outDir: "../src/runjson_server/web/report",
    emptyOutDir: true,
    copyPublicDir: false,
    target: "es2022",
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: "src/report/main.tsx",
      output: { format: "iife", entryFileNames: "report.js", assetFileNames: "report.[ext]" },
    },
  },
});

/** A report has no other pages: what links to them asks `src/app/pages`, and is told that there is none. */
function withoutPages(): Plugin {
  const none = decodeURIComponent(new URL("src/report/pages.ts", import.meta.url).pathname);
  return {
    name: "without-pages",
    enforce: "pre",
    resolveId: (source) => (source.endsWith("/app/pages") || source === "./pages" ? none : null),
  };
}
