import { cleanup, render, screen } from "@testing-library/react";
import { Activity, type ReactNode, Suspense } from "react";
import { afterEach, describe, expect, test } from "vitest";
import { HooksBench, put } from "./hooks.fixture.ts";

afterEach(cleanup);

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
