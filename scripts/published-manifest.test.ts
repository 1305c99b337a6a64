import { expect, test } from "vitest";
import { publishedManifest } from "./published-manifest.ts";

const WORKSPACE = {
  name: "@holdfast/client",
  private: true,
  scripts: { build: "…" },
  exports: {
    ".": {
      "holdfast-source": "./src/index.ts",
      types: "./dist/index.d.ts",
      default: "./dist/index.js",
    },
    "./internal/*": { "holdfast-source": "./src/*.ts" },
  },
  dependencies: { "@holdfast/protocol": "0.1.0", immer: "11.2.10" },
  devDependencies: { vitest: "5.1.1" },
};

const PROTOCOL = {
  exports: {},
  imports: {
    "#explain": {
      browser: {
        "holdfast-source": "./src/explain/in-development.ts",
        default: "./dist/explain/in-development.js",
      },
      "holdfast-source": "./src/explain/always.ts",
      default: "./dist/explain/always.js",
    },
  },
};

test("what is published knows nothing of sources, tools or the private protocol", () => {
  expect(publishedManifest(WORKSPACE, { exports: {} })).toEqual({
    name: "@holdfast/client",
    exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } },
    dependencies: { immer: "11.2.10" },
    files: ["dist"],
  });
});

test("the protocol's own imports lead into its copy, by the same conditions in the same order", () => {
  const { imports } = publishedManifest(WORKSPACE, PROTOCOL);
  expect(JSON.stringify(imports)).toBe(
    JSON.stringify({
      "#explain": {
        browser: { default: "./dist/protocol/explain/in-development.js" },
        default: "./dist/protocol/explain/always.js",
      },
    }),
  );
});
