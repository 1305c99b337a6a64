import { act, cleanup, render, screen } from "@testing-library/react";
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
});

describe("concurrent rendering", () => {
  test("a render that never commits connects nothing", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    const never = new Promise<never>(() => undefined);
    function Suspended(): ReactNode {
      useModule("counter");
      throw never;
    }
    render(
      <Suspense fallback="waiting">
        <Suspended />
      </Suspense>,
    );
    await bench.pass(5_000);
    expect(screen.getByText("waiting")).toBeTruthy();
    expect(bench.page.posts).toEqual([]);
    expect(bench.page.timers).toBe(0);
  });

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
});
