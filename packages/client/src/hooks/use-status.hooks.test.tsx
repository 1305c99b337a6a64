import type { ReactNode } from "react";
import { afterEach, describe, expect, test } from "vitest";
import { act, cleanup, render } from "./framework.fixture.ts";
import { HooksBench } from "./hooks.fixture.ts";

afterEach(cleanup);

describe("useStatus", () => {
  test("shows how the page is connected", async () => {
    const bench = new HooksBench();
    const { useModule, useStatus } = bench.hooks;
    let add: ((by?: number) => Promise<number>) | undefined;
    function Page(): ReactNode {
      ({ add } = useModule("counter").actions);
      const { status, pending } = useStatus();
      return <p>{`${status} ${pending}`}</p>;
    }
    const { container } = render(<Page />);
    expect(container.textContent).toBe("connecting 0");
    await bench.greet();
    expect(container.textContent).toBe("live 0");
    await act(async () => void add?.());
    expect(container.textContent).toBe("live 1");
    await act(async () => bench.page.socket.drop());
    expect(container.textContent).toBe("reconnecting 1");
    await act(() => bench.page.signal("offline"));
    expect(container.textContent).toBe("offline 1");
  });
});
