import type { ReactNode } from "react";
import { afterEach, describe, expect, test } from "vitest";
import { act, cleanup, render, screen } from "./framework.fixture.ts";
import { HooksBench } from "./hooks.fixture.ts";

afterEach(cleanup);

describe("usePresence", () => {
  test("shows mine at once and the others as they come, and `set` stays the same function", async () => {
    const bench = new HooksBench();
    const { usePresence } = bench.hooks;
    const setters = new Set<unknown>();
    function Cursors(): ReactNode {
      const { mine, others, set } = usePresence("room", { key: "a" });
      setters.add(set);
      return (
        <button onClick={() => set({ x: 7 })}>
          {`me ${mine?.x ?? "nowhere"}, others ${others.map(({ value }) => value.x).join(" ")}`}
        </button>
      );
    }
    const { unmount } = render(<Cursors />);
    expect(screen.getByRole("button").textContent).toBe("me nowhere, others ");
    await bench.greet();
    await act(async () => screen.getByRole("button").click());
    await bench.pass(100);
    expect(screen.getByRole("button").textContent).toBe("me 7, others ");
    expect(bench.page.socket.take().flat().slice(-1)).toEqual([
      { type: "presence", value: { x: 7 } },
    ]);
    const others = [
      { id: "b", value: { x: 1 } },
      { id: "c", value: { x: 2 } },
    ];
    await act(async () => bench.page.socket.deliver({ type: "present", you: "a", others }));
    expect(screen.getByRole("button").textContent).toBe("me 7, others 1 2");
    await act(async () => bench.page.socket.deliver({ type: "present", others: [{ id: "b" }] }));
    expect(screen.getByRole("button").textContent).toBe("me 7, others 2");
    expect(setters.size).toBe(1);
    await act(async () => unmount());
    await bench.pass(2_100);
    expect(bench.page.liveSockets).toEqual([]);
    expect(bench.page.timers).toBe(0);
  });
});
