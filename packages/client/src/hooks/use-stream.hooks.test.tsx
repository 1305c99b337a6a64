import type { ReactNode } from "react";
import { afterEach, expect, test } from "vitest";
import { act, cleanup, createCoreHooks, createUseStream, render } from "./framework.fixture.ts";
import { type App, HooksBench, put } from "./hooks.fixture.ts";

afterEach(cleanup);

const value = (text: string, status = "streaming") => ({ id: "s", status, text, error: null });

test("useStream shows text as it comes, and renders nobody else for it", async () => {
  const bench = new HooksBench();
  bench.server.commit(put("reply", value("It ")));
  const { useModule, useStream } = bench.hooks;
  const renders = { state: 0, stream: 0 };
  function State(): ReactNode {
    renders.state++;
    return <p>{useModule("counter").state?.n}</p>;
  }
  function Reply(): ReactNode {
    renders.stream++;
    const { text, status, error } = useStream("counter", "reply");
    return <q>{`${status}: ${text}${error ?? ""}`}</q>;
  }
  const { container } = render(
    <>
      <State />
      <Reply />
    </>,
  );
  const shown = (): string | null | undefined => container.querySelector("q")?.textContent;
  expect(shown()).toBe("idle: ");
  await bench.greet();
  expect(shown()).toBe("streaming: It ");
  const before = { ...renders };
  for (const [from, text] of [
    [3, "was "],
    [7, "the"],
  ] as const) {
    await act(async () => bench.page.socket.deliver({ type: "stream", id: "s", from, text }));
  }
  expect(shown()).toBe("streaming: It was the");
  expect(renders).toEqual({ state: before.state, stream: before.stream + 2 });
  await bench.commit({ op: "append", path: ["reply", "text"], value: "was the" });
  expect(renders.stream).toBe(before.stream + 2);
  await bench.commit(put("reply", value("It was.", "done")));
  expect(shown()).toBe("done: It was.");
  expect(bench.page.sockets).toHaveLength(1);
});

test("a client without streams says how to get them", () => {
  const { environment } = new HooksBench().page;
  const useStream = createUseStream(createCoreHooks<App>({ environment }).client);
  function Reply(): ReactNode {
    return <q>{useStream("counter", "reply").text}</q>;
  }
  expect(() => render(<Reply />)).toThrow(/Pass \{ streams \}/);
});
