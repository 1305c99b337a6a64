import { encodeMessage } from "@holdfast/protocol";
import type { ReactNode } from "react";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Boundary } from "./boundary.fixture.tsx";
import { act, cleanup, hydrate, render, useState } from "./framework.fixture.ts";
import { HooksBench, put } from "./hooks.fixture.ts";

afterEach(cleanup);

describe("rendering", () => {
  test("all components of one render show the same version", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    const shown = new Map<string, number | undefined>();
    const torn: unknown[] = [];
    function Part({ name }: { name: string }): ReactNode {
      const { state } = useModule("counter", { select: ({ n }) => n });
      shown.set(name, state);
      return <i>{state}</i>;
    }
    const { container } = render(
      <>
        <Part name="a" />
        <Part name="b" />
        <Part name="c" />
      </>,
    );
    await bench.greet();
    for (let n = 1; n < 20; n++) {
      await bench.commit(put("n", n));
      const texts = [...container.querySelectorAll("i")].map(({ textContent }) => textContent);
      if (new Set(texts).size !== 1) torn.push(texts);
      expect([...shown.values()]).toEqual([n, n, n]);
    }
    expect(torn).toEqual([]);
  });

  test("a change between the render of a component and its arrival in the page is shown", async () => {
    const bench = new HooksBench();
    const { client, useModule } = bench.hooks;
    client.module("counter").subscribe(() => undefined);
    await bench.greet();
    let isFirst = true;
    const shown: (number | undefined)[] = [];
    function Counter(): ReactNode {
      const { state } = useModule("counter", { select: ({ n }) => n });
      shown.push(state);
      // The frame comes while the page is being rendered: nobody has subscribed yet.
      if (isFirst) bench.server.commit(put("n", 5));
      isFirst = false;
      return <p>{state}</p>;
    }
    const { container } = render(<Counter />);
    await act(async () => undefined);
    expect(container.textContent).toBe("5");
    expect(shown[0]).toBe(0);
  });

  test("a selector that begins to throw is thrown where it is rendered, not at whoever sent the change", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    const complaints = vi.spyOn(console, "error").mockImplementation(() => undefined);
    function Counter(): ReactNode {
      const [limit] = useState(3);
      const { state } = useModule("counter", {
        select: ({ n }) => {
          if (n > limit) throw new Error("too many");
          return n;
        },
      });
      return <p>{state}</p>;
    }
    const { container } = render(
      <Boundary>
        <Counter />
      </Boundary>,
    );
    await bench.greet();
    expect(container.textContent).toBe("0");
    await bench.commit(put("n", 4));
    expect(container.textContent).toBe("caught too many");
    expect(bench.page.reports).toEqual([]);
    complaints.mockRestore();
  });
});

describe("initialSnapshot", () => {
  test("[G9] hydrates with what the server has rendered, and connecting resumes from its version", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    bench.server.commit(put("n", 5));
    const snapshot = encodeMessage(bench.server.snapshot());
    function Counter(): ReactNode {
      const { state, restored, status } = useModule("counter", { initialSnapshot: snapshot });
      return <p>{`${state?.n} ${restored} ${status}`}</p>;
    }
    const container = document.createElement("div");
    container.innerHTML = "<p>5 true connecting</p>";
    const [paragraph] = container.children;
    const { complaints, unmount } = await hydrate(container, <Counter />);
    expect(container.textContent).toBe("5 true connecting");
    bench.server.commit(put("n", 6));
    await bench.pass(10);
    bench.page.socket.open();
    const [[hello]] = bench.page.socket.take() as unknown as [[{ version: number }]];
    expect(hello.version).toBe(1);
    const answer = bench.server.answer(bench.page.socket, [hello as never]);
    expect(answer).toMatchObject([{ type: "resume", commits: [{ version: 2 }] }]);
    await act(async () => bench.page.socket.deliver(...answer));
    expect(container.textContent).toBe("6 true live");
    expect(container.children[0]).toBe(paragraph);
    expect(complaints).toEqual([]);
    await unmount();
  });

  test("[G9] is gone on from where a component is first rendered in the page, too", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    bench.server.commit(put("n", 5));
    const snapshot = encodeMessage(bench.server.snapshot());
    function Counter(): ReactNode {
      const { state, restored } = useModule("counter", { initialSnapshot: snapshot });
      return <p>{`${state?.n} ${restored}`}</p>;
    }
    const { container } = render(<Counter />);
    await bench.pass(10);
    expect(container.textContent).toBe("5 true");
    bench.page.socket.open();
    const [[hello]] = bench.page.socket.take() as unknown as [[{ version: number }]];
    expect(hello.version).toBe(1);
  });
});
