import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** `vite build web` writes what wrangler serves as assets; `vite web` passes the API on to a running Worker. */
const worker = process.env.TIDELINE_URL ?? "http://localhost:8787";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    // Every font is a file: the content security policy takes none from a data: address.
    assetsInlineLimit: 0,
    // light-dark() and OKLCH reach the browser as they are written.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
  },
  server: {
    proxy: {
      "/api": { target: worker, ws: true },
      "/healthz": worker,
    },
  },
});
