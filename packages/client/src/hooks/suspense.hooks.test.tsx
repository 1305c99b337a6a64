import type { ReactNode } from "react";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Boundary } from "./boundary.fixture.tsx";
import { act, cleanup, render, screen, StrictMode } from "./framework.fixture.ts";
import { HooksBench, put } from "./hooks.fixture.ts";
import { Suspense } from "./suspense.fixture.ts";

afterEach(cleanup);

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
