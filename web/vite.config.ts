import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// Django writes the page; this build is its scripts and styles, under names that change with their content.
export default defineConfig({
  base: "/static/window/built/",
  plugins: [react()],
  build: {
    outDir: "../window/static/window/built",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: { input: "src/main.tsx" },
  },
});
