import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// All states of the card on a page of its own, for tests and pictures; the desk has none of it.
export default defineConfig({
  plugins: [react()],
  base: "./",
  publicDir: false,
  build: {
    outDir: "build/gallery",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    target: "es2022",
    rollupOptions: { input: "gallery.html" },
  },
});
