import type * as Esbuild from "esbuild";
import type { Plugin } from "vite";

/**
 * Compiles the decorators of systems to what every engine runs: Vite hands them on as they are, and
 * they would fail when they are run. Files without decorators are left alone.
 */
export function lowerDecorators(): Plugin {
  isUsed = true;
  return {
    name: "holdfast:decorators",
    enforce: "pre",
    transform: {
      filter: { id: { include: SOURCE_FILE, exclude: DEPENDENCY }, code: MAYBE_DECORATED },
      async handler(code, id) {
        const { transform } = await loadEsbuild();
        const [file = id] = id.split("?");
        const lowered = await transform(code, {
          loader: loaderOf(file),
          sourcefile: file,
          sourcemap: true,
          target: "es2022",
          // Only what other plugins cannot do; React's own way with JSX is left to it.
          jsx: "preserve",
          tsconfigRaw: {
            compilerOptions: { experimentalDecorators: false, useDefineForClassFields: true },
          },
        });
        return { code: lowered.code, map: lowered.map };
      },
    },
  };
}

/** Whether a configuration has asked for it. */
export function isLowering(): boolean {
  return isUsed;
}

let isUsed = false;

const SOURCE_FILE = /\.[cm]?[jt]sx?(\?|$)/;
const DEPENDENCY = /\/node_modules\//;
/** Also true of an `@` in a comment: such a file is merely compiled a little earlier. */
const MAYBE_DECORATED = /(^|\s)@[A-Za-z_$]|\baccessor\s/;

function loaderOf(file: string): "js" | "jsx" | "ts" | "tsx" {
  if (file.endsWith("tsx")) return "tsx";
  if (file.endsWith("jsx")) return "jsx";
  return file.endsWith("ts") ? "ts" : "js";
}

async function loadEsbuild(): Promise<typeof Esbuild> {
  try {
    return await import("esbuild");
  } catch (cause) {
    throw new Error(
      "Holdfast's Vite plugin compiles decorators with esbuild, which is not installed. Run: npm install --save-dev esbuild",
      { cause },
    );
  }
}
