import type { ReactNode } from "react";
import { afterEach, describe, expect, test } from "vitest";
import { act, cleanup, render, useState } from "./framework.fixture.ts";
import { HooksBench } from "./hooks.fixture.ts";

afterEach(cleanup);

describe("useEvent", () => {
  test("calls the latest listener, and none once the component is gone", async () => {
    const bench = new HooksBench();
    const { useEvent } = bench.hooks;
    const heard: string[] = [];
    let setName: (name: string) => void = () => {};
    function Bell(): ReactNode {
      const [name, set] = useState("first");
      setName = set;
      useEvent("counter", "rang", ({ at }) => heard.push(`${name} ${at}`));
      return null;
    }
    const { unmount } = render(<Bell />);
    await bench.greet();
    const ring = (at: number): Promise<void> =>
      act(async () => bench.page.socket.deliver({ type: "event", event: "rang", data: { at } }));
    await ring(1);
    act(() => setName("second"));
    await ring(2);
    expect(heard).toEqual(["first 1", "second 2"]);
    expect(bench.page.sockets).toHaveLength(1);
    await act(async () => unmount());
    await ring(3);
    expect(heard).toHaveLength(2);
  });
});
