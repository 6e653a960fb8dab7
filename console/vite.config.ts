import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin, type ProxyOptions } from "vite";

/** The page is served as `console`, its files as `console/<name>`: relative, so a prefix before them does not matter. */
const relativeToThePage: Plugin = {
  name: "relative-to-the-page",
  enforce: "post",
  apply: "build",
  transformIndexHtml: (html) => html.replaceAll(/(src|href)="\.\//g, '$1="console/'),
};

/** The stack answers its own pages and programs only (localstack/guard.py), so what comes through here is a program. */
const stack: ProxyOptions = {
  target: process.env.API ?? "http://127.0.0.1:8000",
  changeOrigin: true,
  configure: (proxy) => proxy.on("proxyReq", (request) => request.removeHeader("origin")),
};

export default defineConfig({
  base: "./",
  plugins: [react(), relativeToThePage],
  build: {
    assetsDir: "",
    assetsInlineLimit: 0,
    target: "es2023",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: Object.fromEntries(
      ["/api", "/users", "/user", "/v1", "/orders", "/task", "/tasks", "/health", "/status", "/openapi.json"].map(
        (path) => [path, stack],
      ),
    ),
  },
});
