import type { ReactNode } from "react";
import { afterEach, describe, expect, test, vi } from "vitest";
import { act, cleanup, render, screen, StrictMode, useState } from "./framework.fixture.ts";
import { HooksBench, put } from "./hooks.fixture.ts";

afterEach(cleanup);

describe("useModule", () => {
  test("shows nothing, then the state, then every change; an action's result comes back", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    let result: Promise<number> | undefined;
    function Counter(): ReactNode {
      const { restored, state, actions, status } = useModule("counter");
      if (!restored) return <p>{status}</p>;
      return <button onClick={() => void (result = actions.add(2))}>{state.n}</button>;
    }
    render(<Counter />);
    expect(screen.getByText("connecting")).toBeTruthy();
    await bench.greet();
    await act(async () => screen.getByRole("button").click());
    await bench.answer();
    expect(screen.getByRole("button").textContent).toBe("2");
    expect(await result).toBe(2);
    await bench.commit(put("n", 7));
    expect(screen.getByRole("button").textContent).toBe("7");
  });

  test("StrictMode makes exactly one socket and one session, and leaves none behind", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    function Counter(): ReactNode {
      return <p>{useModule("counter").state?.n}</p>;
    }
    const { unmount } = render(
      <StrictMode>
        <Counter />
        <Counter />
      </StrictMode>,
    );
    await bench.greet();
    await bench.pass(30_000);
    expect(bench.page.sockets).toHaveLength(1);
    expect(bench.page.posts).toHaveLength(1);
    expect(screen.getAllByText("0")).toHaveLength(2);
    unmount();
    await bench.pass(1_100);
    expect(bench.page.liveSockets).toHaveLength(0);
    expect(bench.page.timers).toBe(0);
  });

  test("leaving and coming back within a moment keeps the socket and the state", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    function Counter(): ReactNode {
      return <p>{useModule("counter").state?.n ?? "none"}</p>;
    }
    const first = render(<Counter />);
    await bench.greet();
    first.unmount();
    await bench.pass(900);
    render(<Counter />);
    expect(screen.getByText("0")).toBeTruthy();
    await bench.pass(10_000);
    expect(bench.page.sockets).toHaveLength(1);
    expect(bench.page.liveSockets).toHaveLength(1);
  });

  test("renders only for what the component reads", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    const renders = { selected: 0, pending: 0, actions: 0 };
    let add: ((by?: number) => Promise<number>) | undefined;
    function Selected(): ReactNode {
      renders.selected++;
      const { state } = useModule("counter", { select: (all) => all.text });
      return <p>{state}</p>;
    }
    function Pending(): ReactNode {
      renders.pending++;
      return <p>pending {useModule("counter").pending}</p>;
    }
    function Actions(): ReactNode {
      renders.actions++;
      ({ add } = useModule("counter").actions);
      return null;
    }
    render(
      <>
        <Selected />
        <Pending />
        <Actions />
      </>,
    );
    await bench.greet();
    expect(renders).toEqual({ selected: 2, pending: 1, actions: 1 });
    await act(async () => void add?.());
    expect(screen.getByText("pending 1")).toBeTruthy();
    await bench.answer();
    expect(screen.getByText("pending 0")).toBeTruthy();
    expect(renders).toEqual({ selected: 2, pending: 3, actions: 1 });
    await bench.commit(put("n", 50));
    expect(renders).toEqual({ selected: 2, pending: 3, actions: 1 });
    await bench.commit(put("text", "new"));
    expect(screen.getByText("new")).toBeTruthy();
    expect(renders).toEqual({ selected: 3, pending: 3, actions: 1 });
  });

  test("what is read for the first time later on is as it is by then, and followed from then on", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    let show: (value: boolean) => void = () => undefined;
    let add: ((by?: number) => Promise<number>) | undefined;
    function Late(): ReactNode {
      const [isShown, setShown] = useState(false);
      show = setShown;
      const counter = useModule("counter");
      ({ add } = counter.actions);
      return <p>{isShown ? `${counter.pending} of ${counter.state?.n}` : "hidden"}</p>;
    }
    render(<Late />);
    await bench.greet();
    await bench.commit(put("n", 5));
    await act(async () => void add?.());
    await act(async () => show(true));
    expect(screen.getByText("1 of 5")).toBeTruthy();
    await bench.answer();
    expect(screen.getByText("0 of 6")).toBeTruthy();
  });

  test("a selector with an equality of its own renders only when that says so", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    const seen: unknown[] = [];
    function Ids(): ReactNode {
      const { state } = useModule("counter", {
        select: (all) => all.list.map(({ id }) => id),
        equal: (before, after) => before.join() === after.join(),
        initialState: [],
      });
      seen.push(state);
      return <p>{state.join()}</p>;
    }
    const { rerender } = render(<Ids />);
    await bench.greet();
    await bench.commit(put("n", 1));
    await bench.commit({ op: "replace", path: ["list", 0], value: { id: 1 } });
    rerender(<Ids />);
    expect(seen).toEqual([[], [1], [1]]);
    expect(seen[2]).toBe(seen[1]);
    await bench.commit({ op: "add", path: ["list", 1], value: { id: 2 } });
    expect(screen.getByText("1,2")).toBeTruthy();
  });

  test("a selector that depends on props follows them", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    function Field({ name }: { name: "n" | "text" }): ReactNode {
      return (
        <p>
          {name}: {useModule("counter", { select: (all) => all[name] }).state}
        </p>
      );
    }
    const { rerender, container } = render(<Field name="n" />);
    await bench.greet();
    await bench.commit(put("text", "hello"));
    rerender(<Field name="text" />);
    expect(container.textContent).toBe("text: hello");
    await bench.commit(put("text", "bye"));
    expect(container.textContent).toBe("text: bye");
  });

  test("initialState shows until there is a state; select is not called before, and nothing is sent", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    const select = vi.fn((all: { n: number }) => all.n);
    function Counter(): ReactNode {
      const { state, restored } = useModule("counter", { select, initialState: -1 });
      return <p>{`${state} ${restored}`}</p>;
    }
    const { container } = render(<Counter />);
    expect(container.textContent).toBe("-1 false");
    expect(select).not.toHaveBeenCalled();
    await bench.greet();
    expect(container.textContent).toBe("0 true");
    expect(bench.page.socket.sent.map((text) => JSON.parse(text).type)).toEqual(["hello"]);
  });

  test("actions and update stay the same functions through renders, options and reconnects", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    const seen = new Set<unknown>();
    function Counter({ reads }: { readonly reads: "n" | "text" }): ReactNode {
      const { state, actions, update } = useModule("counter", {
        select: (all) => all[reads],
        optimistic: { add: () => undefined },
      });
      for (const one of [actions, actions.add, update]) seen.add(one);
      return <p>{state}</p>;
    }
    const { rerender } = render(<Counter reads="n" />);
    await bench.greet();
    await bench.commit(put("n", 1));
    rerender(<Counter reads="text" />);
    await act(async () => bench.page.socket.drop());
    await bench.pass(5_000);
    await bench.greet();
    await bench.commit(put("text", "new"));
    expect(seen.size).toBe(3);
  });

  test("[G15] another key is another state, at once, and its socket is its own", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    const seen: string[] = [];
    function Room({ id }: { id: string }): ReactNode {
      const { state, restored } = useModule("room", { key: id });
      const text = `${id}: ${restored ? state.n : "none"}`;
      seen.push(text);
      return <p>{text}</p>;
    }
    const { rerender, container } = render(<Room id="a" />);
    await bench.greet();
    expect(container.textContent).toBe("a: 0");
    rerender(<Room id="b" />);
    expect(container.textContent).toBe("b: none");
    await bench.pass(1_100);
    expect(bench.page.sockets.map(({ url }) => new URL(url).search)).toEqual(["?key=a", "?key=b"]);
    expect(bench.page.liveSockets).toHaveLength(1);
    await bench.commit(put("n", 3));
    await bench.greet();
    expect(container.textContent).toBe("b: 3");
    expect(seen.filter((text) => text.startsWith("b"))).not.toContain("b: 0");
  });

  test("enabled: false connects nothing and shows nothing, and can be switched", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    function Room({ enabled }: { enabled: boolean }): ReactNode {
      const { state, status } = useModule("room", { key: "", enabled, initialState: { n: -1 } });
      return <p>{`${status} ${state.n}`}</p>;
    }
    function Counter({ enabled }: { enabled: boolean }): ReactNode {
      const { state, status } = useModule("counter", { enabled });
      return <p>{`${status} ${state?.n}`}</p>;
    }
    const { container } = render(<Room enabled={false} />);
    const { container: other, rerender } = render(<Counter enabled={false} />);
    await bench.pass(5_000);
    expect(bench.page.posts).toEqual([]);
    expect(container.textContent).toBe("closed -1");
    expect(other.textContent).toBe("closed undefined");
    rerender(<Counter enabled />);
    await bench.greet();
    expect(other.textContent).toBe("live 0");
    rerender(<Counter enabled={false} />);
    expect(other.textContent).toBe("closed undefined");
    await bench.pass(1_100);
    expect(bench.page.liveSockets).toEqual([]);
  });

  test("says why it was denied", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    function Counter(): ReactNode {
      const { status, error } = useModule("counter");
      return <p>{`${status} ${error?.code}`}</p>;
    }
    const { container } = render(<Counter />);
    await bench.greet();
    await act(async () => bench.page.socket.drop(4403));
    expect(container.textContent).toBe("denied FORBIDDEN");
  });
});
