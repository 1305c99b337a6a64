import type { ReactNode } from "react";
import { afterEach, describe, expect, test } from "vitest";
import { settle } from "../page.fixture.ts";
import { act, cleanup, render, screen, useState } from "./framework.fixture.ts";
import { HooksBench, put } from "./hooks.fixture.ts";

afterEach(cleanup);

describe("useConnection", () => {
  test("shows the user's state live, and emits events as actions", async () => {
    const bench = new HooksBench();
    const { useConnection } = bench.hooks;
    let emit: (event: "add", by?: number) => Promise<number> = () => Promise.reject(new Error());
    function Counter(): ReactNode {
      const user = useConnection("user");
      emit = user.emit;
      return <p>{user.restored ? `${user.state.n}, ${user.pending} open` : "…"}</p>;
    }
    render(<Counter />);
    await bench.greet();
    expect(screen.getByText("0, 0 open")).toBeTruthy();
    const answer = emit("add", 2);
    await act(settle);
    expect(screen.getByText("0, 1 open")).toBeTruthy();
    await bench.answer();
    expect(screen.getByText("2, 0 open")).toBeTruthy();
    expect(await answer).toBe(2);
    await bench.commit(put("n", 5));
    expect(screen.getByText("5, 0 open")).toBeTruthy();
    expect(bench.page.socket.url).toContain("/holdfast/connect/connection%3Auser");
  });

  test("[G2] what was emitted on a link that broke goes out once more, and happens once", async () => {
    const bench = new HooksBench();
    const { client } = bench.hooks;
    const user = client.connection("user", "bob");
    const stop = user.subscribe(() => undefined);
    await settle();
    expect(bench.page.socket.url).toContain("?key=bob");
    bench.server.accept(bench.page.socket);
    const answer = user.emit("add", 3);
    await settle();
    // It arrives, and the answer does not.
    for (const frame of bench.page.socket.take()) bench.server.answer(bench.page.socket, frame);
    bench.page.socket.drop();
    await bench.page.advance(10_000);
    bench.server.accept(bench.page.socket);
    await settle();
    bench.server.handle(bench.page.socket);
    expect(await answer).toBe(3);
    expect(user.getSnapshot().state?.n).toBe(3);
    expect(bench.server.version).toBe(1);
    stop();
  });

  test("useEvent hears what the connection is told, over renders and once", async () => {
    const bench = new HooksBench();
    const { useConnection, useEvent } = bench.hooks;
    const heard: string[] = [];
    let setName: (name: string) => void = () => {};
    function Ear(): ReactNode {
      const [name, set] = useState("first");
      setName = set;
      const user = useConnection("user");
      useEvent(user, "said", ({ text }) => heard.push(`${name} ${text}`));
      return <p>{user.state?.n}</p>;
    }
    const { unmount } = render(<Ear />);
    await bench.greet();
    const say = (text: string): Promise<void> =>
      act(async () => bench.page.socket.deliver({ type: "event", event: "said", data: { text } }));
    await say("a");
    act(() => setName("second"));
    await bench.commit(put("n", 1));
    await say("b");
    expect(heard).toEqual(["first a", "second b"]);
    expect(bench.page.sockets).toHaveLength(1);
    await act(async () => unmount());
    await say("c");
    expect(heard).toHaveLength(2);
  });

  test("[G8] what is predicted of an event is shown at once, and replayed on what others do", async () => {
    const bench = new HooksBench();
    const { useConnection } = bench.hooks;
    let emit: (event: "add", by?: number) => Promise<number> = () => Promise.reject(new Error());
    function Counter(): ReactNode {
      const user = useConnection("user", {
        optimistic: { add: (draft, by = 1) => void (draft.n += by) },
      });
      emit = user.emit;
      return <p>{user.restored ? `${user.state.n}, ${user.pending} open` : "…"}</p>;
    }
    render(<Counter />);
    await bench.greet();
    let answer: Promise<number> | undefined;
    await act(async () => void (answer = emit("add", 2)));
    await act(settle);
    expect(screen.getByText("2, 1 open")).toBeTruthy();
    await bench.commit(put("n", 10));
    expect(screen.getByText("12, 1 open")).toBeTruthy();
    await bench.answer();
    expect(screen.getByText("12, 0 open")).toBeTruthy();
    expect(await answer).toBe(12);
  });

  test("only what the contract has compiles", () => {
    const { useConnection, useEvent, client } = new HooksBench().hooks;
    function Wrong(): ReactNode {
      const user = useConnection("user", { select: (state) => state.text });
      // @ts-expect-error no such event
      void user.emit("missing");
      // @ts-expect-error other data
      void user.emit("say", 1);
      // @ts-expect-error no such event to predict
      useConnection("user", { optimistic: { missing: () => {} } });
      useConnection("user", { persisted: true, version: 2 });
      // @ts-expect-error it has no actions
      void user.actions;
      // @ts-expect-error no such event of the server
      useEvent(user, "missing", () => undefined);
      // @ts-expect-error the data has no such field
      useEvent(user, "said", (data) => data.missing);
      // @ts-expect-error no such connection
      client.connection("counter");
      const text: string | undefined = user.state;
      return text;
    }
    expect(Wrong).toBeTypeOf("function");
  });
});
