import { holdfast } from "@holdfast/server/vite";
import { defineConfig } from "vitest/config";

// The modules are tested on Node, where they are served from as well; the page's build is not needed.
export default defineConfig({ plugins: [holdfast()], test: { include: ["src/**/*.test.ts"] } });
