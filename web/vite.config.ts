/// <reference types="vitest/config" />
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// Where the daemon listens while the page is worked on with `npm run dev`.
const GATEWAY = "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    // beside the page in use: tools/desk.sh puts it in its place when it is whole
    outDir: "../gateway/web/static.new",
    emptyOutDir: true,
    // Nothing is written into the page itself: the policy allows no inline source.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: "manifest.json",
    reportCompressedSize: false,
    target: "es2022",
  },
  server: {
    proxy: { "/api": { target: GATEWAY, ws: true } },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    css: false,
    testTimeout: 30_000,
  },
});
