import { readFileSync } from "node:fs";
import { join } from "node:path";
// @ts-expect-error it comes without types
import { transformSync } from "@babel/core";
import { cleanup, render, screen } from "@testing-library/react";
import * as React from "react";
import * as compilerRuntime from "react/compiler-runtime";
import * as jsxRuntime from "react/jsx-runtime";
import { afterEach, describe, expect, test } from "vitest";
import { createPage } from "./compiled-page.fixture.tsx";
import { act } from "./framework.fixture.ts";
import { HooksBench, put } from "./hooks.fixture.ts";

afterEach(cleanup);

/** The page as the React Compiler makes it. */
function compiledPage(): { readonly code: string; readonly createPage: typeof createPage } {
  const source = readFileSync(join(import.meta.dirname, "compiled-page.fixture.tsx"), "utf8");
  // True because that is what Babel gives.
  const { code } = transformSync(source, {
    filename: "compiled-page.fixture.tsx",
    configFile: false,
    babelrc: false,
    presets: [["@babel/preset-react", { runtime: "automatic" }], "@babel/preset-typescript"],
    plugins: [["babel-plugin-react-compiler", { panicThreshold: "all_errors" }]],
    // As one function body: its imports are handed in.
    sourceType: "module",
  }) as { code: string };
  const body = code
    .replaceAll(/import \{ (.*?) \} from "(.*?)";/g, (_, names: string, from: string) => {
      return `const { ${names.replaceAll(" as ", ": ")} } = modules["${from}"];`;
    })
    .replaceAll(/^import .*$/gm, "")
    .replace("export function createPage", "return function createPage");
  const modules = {
    react: React,
    "react/jsx-runtime": jsxRuntime,
    "react/compiler-runtime": compilerRuntime,
  };
  // oxlint-disable-next-line typescript/no-implied-eval -- the compiler's own output
  const made: unknown = new Function("modules", body)(modules);
  // True because it is the same source.
  return { code, createPage: made as typeof createPage };
}

describe("the React Compiler", () => {
  const { code, createPage: createCompiled } = compiledPage();

  test("has compiled the components, hooks and all", () => {
    expect(code.match(/_c\(\d+\)/g)?.length).toBeGreaterThanOrEqual(2);
  });

  test.each([
    ["as it is written", createPage],
    ["compiled", createCompiled],
  ])("shows every change of a page %s, and nothing twice", async (_, create) => {
    const bench = new HooksBench();
    const Page = create(bench.hooks);
    const { container } = render(<Page />);
    const text = (id: string): string | null | undefined =>
      container.querySelector(id)?.textContent;
    await bench.greet();
    const room = bench.page.sockets.find(({ url }) => url.includes("room"));
    const counter = bench.page.sockets.find(({ url }) => url.includes("counter"));
    if (!room || !counter) throw new Error("Two sockets were to be made.");
    for (const socket of [room, counter]) {
      if (socket.readyState === 0) await act(async () => bench.server.accept(socket));
    }
    expect(screen.getByRole("button").textContent).toBe("0 0 0");
    expect(text("#status")).toBe("live");
    await act(async () => screen.getByRole("button").click());
    expect(screen.getByRole("button").textContent).toBe("3 6 1");
    await act(async () => bench.server.handle(counter));
    expect(screen.getByRole("button").textContent).toBe("3 6 0");
    await bench.commit(put("n", 10));
    expect(screen.getByRole("button").textContent).toBe("10 20 0");
    await bench.commit({ op: "splice", path: ["list"], index: 1, remove: 0, value: [{ id: 2 }] });
    expect(text("#items")).toBe("1 2");
    await bench.commit({ op: "replace", path: ["list", 0, "id"], value: 7 });
    expect(text("#items")).toBe("7 2");
    await act(async () =>
      room.deliver({ type: "present", you: "me", others: [{ id: "b", value: { x: 4 } }] }),
    );
    expect(text("#others")).toBe("4");
    await act(async () => counter.drop());
    expect(text("#status")).toBe("reconnecting");
  });
});
