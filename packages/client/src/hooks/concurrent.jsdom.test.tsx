import { act, cleanup, render, screen } from "@testing-library/react";
import {
  Activity,
  type ReactNode,
  Suspense,
  useDeferredValue,
  useState,
  useTransition,
} from "react";
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

describe("transitions", () => {
  test("a transition under way and what is urgent never show two versions in one page", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    const seen: string[] = [];
    let begin: (query: string) => void = () => undefined;
    function Slow({ query }: { readonly query: string }): ReactNode {
      const { state } = useModule("counter", { select: ({ n }) => n });
      return <i>{`${query} ${state}`}</i>;
    }
    function Page(): ReactNode {
      const [query, setQuery] = useState("a");
      const [isPending, startTransition] = useTransition();
      const deferred = useDeferredValue(query);
      const { state } = useModule("counter", { select: ({ n }) => n });
      begin = (next) => startTransition(() => setQuery(next));
      return (
        <>
          <b>{`${isPending} ${state}`}</b>
          {Array.from({ length: 20 }, (_, index) => (
            <Slow key={index} query={deferred} />
          ))}
        </>
      );
    }
    const { container } = render(<Page />);
    await bench.greet();
    const look = (): void => {
      const shown = [...container.querySelectorAll("i")].map(({ textContent }) => textContent);
      const top = container.querySelector("b")?.textContent?.split(" ")[1];
      expect(new Set(shown).size).toBe(1);
      expect(shown[0]?.split(" ")[1]).toBe(top);
      seen.push(shown[0] ?? "");
    };
    const observer = new MutationObserver(look);
    observer.observe(container, { childList: true, subtree: true, characterData: true });
    for (let n = 1; n < 10; n++) {
      await act(async () => {
        begin(`q${n}`);
        // The frame comes while the transition is being rendered.
        await Promise.resolve();
        bench.server.commit(put("n", n));
      });
    }
    await act(async () => undefined);
    look();
    observer.disconnect();
    expect(seen.at(-1)).toBe("q9 9");
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
