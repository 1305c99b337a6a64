import { act, cleanup, render, screen } from "@testing-library/react";
import { Activity, Component, type ReactNode, StrictMode, Suspense } from "react";
import { hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { encodeMessage } from "@holdfast/protocol";
import { afterEach, describe, expect, test, vi } from "vitest";
import { HooksBench, put } from "./hooks.fixture.ts";

afterEach(cleanup);

class Boundary extends Component<{ readonly children: ReactNode }, { readonly error?: Error }> {
  override state: { readonly error?: Error } = {};

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error
      ? `caught ${"code" in error ? String(error.code) : error.message}`
      : this.props.children;
  }
}

describe("suspense", () => {
  test("suspends until there is a state, connects meanwhile, and then stays live", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    let renders = 0;
    function Counter(): ReactNode {
      const { state } = useModule("counter", { suspense: true });
      renders++;
      return <p>n is {state.n}</p>;
    }
    render(
      <StrictMode>
        <Suspense fallback="waiting">
          <Counter />
          <Counter />
        </Suspense>
      </StrictMode>,
    );
    expect(screen.getByText("waiting")).toBeTruthy();
    expect(renders).toBe(0);
    await bench.greet();
    await act(async () => undefined);
    expect(screen.getAllByText("n is 0")).toHaveLength(2);
    await bench.pass(30_000);
    await bench.commit(put("n", 3));
    expect(screen.getAllByText("n is 3")).toHaveLength(2);
    expect(bench.page.sockets).toHaveLength(1);
  });

  test("throws for an error boundary where there will be no state", async () => {
    const complaints = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    function Counter(): ReactNode {
      return <p>{useModule("counter", { suspense: true }).state.n}</p>;
    }
    render(
      <Boundary>
        <Suspense fallback="waiting">
          <Counter />
        </Suspense>
      </Boundary>,
    );
    await act(async () => undefined);
    await bench.pass(100);
    bench.page.socket.open();
    await act(async () => bench.page.socket.drop(4404));
    await bench.pass(100);
    expect(screen.getByText("caught UNKNOWN_MODULE")).toBeTruthy();
    complaints.mockRestore();
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

describe("errorBoundary", () => {
  test("throws when the connection ends for good, also after there was a state", async () => {
    const complaints = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    function Counter({ throws }: { readonly throws: boolean }): ReactNode {
      const { state } = useModule("counter", { errorBoundary: throws });
      return <p>{state?.n ?? "none"}</p>;
    }
    render(
      <>
        <Boundary>
          <Counter throws />
        </Boundary>
        <Counter throws={false} />
      </>,
    );
    await bench.greet();
    expect(screen.getAllByText("0")).toHaveLength(2);
    await act(async () => bench.page.socket.drop(4403));
    expect(screen.getByText("caught FORBIDDEN")).toBeTruthy();
    expect(screen.getAllByText("0")).toHaveLength(1);
    complaints.mockRestore();
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

describe("<Activity>", () => {
  test("what is hidden lets its connection go, and is live again when it is shown", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    function Counter(): ReactNode {
      return <p>{useModule("counter").state?.n ?? "none"}</p>;
    }
    const page = (mode: "visible" | "hidden"): ReactNode => (
      <Activity mode={mode}>
        <Counter />
      </Activity>
    );
    const { rerender, container } = render(page("visible"));
    await bench.greet();
    expect(container.textContent).toBe("0");
    rerender(page("hidden"));
    await bench.pass(2_000);
    expect(bench.page.liveSockets).toHaveLength(0);
    expect(bench.page.timers).toBe(0);
    bench.server.commit(put("n", 4));
    rerender(page("visible"));
    await bench.greet();
    expect(container.textContent).toBe("4");
    expect(bench.page.liveSockets).toHaveLength(1);
    // Hidden for a moment only, it keeps what it has.
    rerender(page("hidden"));
    await bench.pass(500);
    rerender(page("visible"));
    await bench.pass(5_000);
    expect(container.textContent).toBe("4");
    expect(bench.page.sockets).toHaveLength(2);
  });
});
