import { encodeMessage } from "@holdfast/protocol";
import { act, cleanup } from "@testing-library/react";
import { type ReactNode, Suspense } from "react";
import { hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { afterEach, describe, expect, test, vi } from "vitest";
import { HooksBench, put } from "./hooks.fixture.ts";

afterEach(cleanup);

describe("on a server", () => {
  test("renders the initial state, connects nothing, and hydrates without a complaint", async () => {
    const bench = new HooksBench();
    const { useModule, useStatus } = bench.hooks;
    function Counter(): ReactNode {
      const { state, restored, status } = useModule("counter", { initialState: { n: -1 } });
      return <p>{`${state.n} ${restored} ${status} ${useStatus().status}`}</p>;
    }
    const html = renderToString(<Counter />);
    expect(html).toBe("<p>-1 false connecting connecting</p>");
    await bench.pass(5_000);
    expect(bench.page.posts).toEqual([]);

    const container = document.createElement("div");
    container.innerHTML = html;
    const complaints = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const onRecoverableError = vi.fn();
    const root = await act(async () => hydrateRoot(container, <Counter />, { onRecoverableError }));
    await bench.greet();
    expect(container.textContent).toBe("0 true live live");
    expect(onRecoverableError).not.toHaveBeenCalled();
    expect(complaints).not.toHaveBeenCalled();
    complaints.mockRestore();
    await act(async () => root.unmount());
  });

  test("a state that is there before hydration is shown after it, not instead of it", async () => {
    const bench = new HooksBench();
    const { client, useModule } = bench.hooks;
    client.module("counter").subscribe(() => undefined);
    await bench.greet();
    function Counter(): ReactNode {
      return <p>{useModule("counter").state?.n ?? "none"}</p>;
    }
    const container = document.createElement("div");
    container.innerHTML = renderToString(<Counter />);
    expect(container.textContent).toBe("none");
    const onRecoverableError = vi.fn();
    const root = await act(async () => hydrateRoot(container, <Counter />, { onRecoverableError }));
    expect(container.textContent).toBe("0");
    expect(onRecoverableError).not.toHaveBeenCalled();
    await act(async () => root.unmount());
  });

  test("on a server the fallback is rendered, and the browser goes on from there", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    function Counter(): ReactNode {
      return <p>{useModule("counter", { suspense: true }).state.n}</p>;
    }
    const page = (
      <Suspense fallback={<i>waiting</i>}>
        <Counter />
      </Suspense>
    );
    const html = renderToString(page);
    expect(html).toContain("<i>waiting</i>");
    expect(bench.page.posts).toEqual([]);
    const container = document.createElement("div");
    container.innerHTML = html;
    const root = await act(async () =>
      hydrateRoot(container, page, { onRecoverableError: () => {} }),
    );
    await bench.greet();
    await act(async () => undefined);
    expect(container.textContent).toBe("0");
    await act(async () => root.unmount());
  });
});

describe("initialSnapshot", () => {
  test("[G9] renders the state on the server, hydrates with it, and connecting resumes from its version", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    bench.server.commit(put("n", 5));
    const snapshot = encodeMessage(bench.server.snapshot());
    function Counter(): ReactNode {
      const { state, restored, status } = useModule("counter", { initialSnapshot: snapshot });
      return <p>{`${state?.n} ${restored} ${status}`}</p>;
    }
    const html = renderToString(<Counter />);
    expect(html).toBe("<p>5 true connecting</p>");
    // The client of a server is shared by all requests: nothing of one may stay in it.
    expect(bench.hooks.client.module("counter").getSnapshot().restored).toBe(false);

    const container = document.createElement("div");
    container.innerHTML = html;
    const shown: (string | null)[] = [];
    new MutationObserver(() => shown.push(container.textContent)).observe(container, {
      characterData: true,
      childList: true,
      subtree: true,
    });
    const onRecoverableError = vi.fn();
    const root = await act(async () => hydrateRoot(container, <Counter />, { onRecoverableError }));
    await act(async () => undefined);
    expect(container.textContent).toBe("5 true connecting");
    bench.server.commit(put("n", 6));
    await bench.pass(10);
    bench.page.socket.open();
    const [[hello]] = bench.page.socket.take() as unknown as [[{ version: number }]];
    expect(hello.version).toBe(1);
    await act(async () =>
      bench.page.socket.deliver(...bench.server.answer(bench.page.socket, [hello as never])),
    );
    expect(container.textContent).toBe("6 true live");
    expect(shown.some((text) => text?.includes("false"))).toBe(false);
    expect(onRecoverableError).not.toHaveBeenCalled();
    await act(async () => root.unmount());
  });

  test("what createSnapshot has not made is refused", () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    function Counter(): ReactNode {
      return <p>{useModule("counter", { initialSnapshot: '{"type":"pong"}' }).state?.n}</p>;
    }
    expect(() => renderToString(<Counter />)).toThrow(/./);
  });
});
