import { HoldfastError } from "@holdfast/protocol";
import type { ReactNode } from "react";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { Hooks } from "../react.ts";
import type { Status } from "../status.ts";
import { createMockHooks, mockApp, type MockApp, type MockAppOptions } from "../testing.ts";
import { cleanup, createHooks, render, screen } from "./framework.fixture.ts";
import type { App } from "./hooks.fixture.ts";

const STATE = {
  n: 1,
  text: "",
  list: [{ id: 1 }],
  reply: { id: "s", status: "idle", text: "", error: null },
} as const satisfies object;

function start(options: MockAppOptions<App> = {}): { mock: MockApp<App>; hooks: Hooks<App> } {
  const mock = mockApp<App>({
    modules: {
      counter: {
        state: { ...STATE, list: [...STATE.list] },
        actions: {
          add: (draft, by = 1, { emit }) => {
            draft.n += by;
            emit("rang", { at: draft.n });
            return draft.n;
          },
          fail: () => {
            throw new HoldfastError("REFUSED", "Not today.");
          },
        },
      },
      room: { state: (key) => ({ n: key?.length ?? 0 }) },
    },
    connections: { user: { state: { n: 0, text: "hi" } } },
    ...options,
  });
  return { mock, hooks: createHooks<App>({ ...mock.options, onRejected: () => {} }) };
}

/** Shows all that a hook says. */
function Counter({ hooks }: { readonly hooks: Hooks<App> }): ReactNode {
  const { state, status, pending, error } = hooks.useModule("counter", {
    optimistic: { add: (draft, by = 1) => (draft.n += by) },
  });
  return <p>{[state?.n ?? "nothing", status, pending, error?.code].join(" ").trim()}</p>;
}

// What arrives by itself is waited for, not acted out.
beforeAll(() => void Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false }));
afterEach(cleanup);

describe("mockApp", () => {
  test("shows the state that a story makes up, and what actions do to it", async () => {
    const { mock, hooks } = start();
    render(<Counter hooks={hooks} />);
    await screen.findByText("1 live 0");
    const counter = hooks.client.module("counter");
    const rang = vi.fn();
    counter.on("rang", rang);
    await expect(counter.actions.add(4)).resolves.toBe(5);
    await screen.findByText("5 live 0");
    expect(rang).toHaveBeenCalledExactlyOnceWith({ at: 5 });
    expect(mock.calls).toEqual([{ module: "counter", key: undefined, action: "add", payload: 4 }]);
    mock.module("counter").update((draft) => void (draft.n = 9));
    await screen.findByText("9 live 0");
    expect(mock.module("counter").state.n).toBe(9);
  });

  test("an action that never ends is pending, and shows what was predicted of it", async () => {
    const { hooks } = start({
      modules: {
        counter: { state: { ...STATE, list: [] }, actions: { add: () => new Promise(() => {}) } },
      },
    });
    function Adder(): ReactNode {
      const { actions } = hooks.useModule("counter", {
        optimistic: { add: (draft, by = 1) => (draft.n += by) },
      });
      return <button onClick={() => void actions.add(2)}>add</button>;
    }
    render(
      <>
        <Counter hooks={hooks} />
        <Adder />
      </>,
    );
    await screen.findByText("1 live 0");
    (await screen.findByText("add")).click();
    await screen.findByText("3 live 1");
  });

  test("[G8] what was predicted and what has come of it are never shown together", async () => {
    const { hooks } = start();
    const seen: unknown[] = [];
    function Seen(): ReactNode {
      const { state, actions } = hooks.useModule("counter", {
        optimistic: { add: (draft, by = 1) => (draft.n += by) },
      });
      if (seen.at(-1) !== state?.n) seen.push(state?.n);
      return <button onClick={() => void actions.add(2)}>add to {state?.n}</button>;
    }
    render(<Seen />);
    (await screen.findByText("add to 1")).click();
    await vi.waitFor(() => expect(hooks.client.getSnapshot().pending).toBe(0));
    await screen.findByText("add to 3");
    expect(seen).toEqual([1, 3]);
  });

  test("an asynchronous action shows what it does before and behind an await", async () => {
    let goOn = (): void => {};
    const { hooks } = start({
      modules: {
        counter: {
          state: { ...STATE, list: [] },
          actions: {
            add: async (draft, by = 1, { update }) => {
              draft.n = 100;
              await new Promise<void>((resolve) => (goOn = resolve));
              update((later) => (later.n += by));
              return by;
            },
          },
        },
      },
    });
    render(<Counter hooks={hooks} />);
    await screen.findByText("1 live 0");
    const added = hooks.client.module("counter").actions.add(5);
    await screen.findByText("100 live 1");
    goOn();
    await expect(added).resolves.toBe(5);
    await screen.findByText("105 live 0");
  });

  test("an action is refused with what its stand-in throws", async () => {
    const { mock, hooks } = start();
    const { actions } = hooks.client.module("counter");
    await expect(actions.fail()).rejects.toMatchObject({ code: "REFUSED", message: "Not today." });
    expect(mock.calls).toMatchObject([{ action: "fail" }]);
  });

  test.each([
    ["live", "1 live 0"],
    ["connecting", "nothing connecting 0"],
    ["reconnecting", "1 reconnecting 0"],
    ["offline", "1 offline 0"],
    ["denied", "nothing denied 0 FORBIDDEN"],
    ["closed", "nothing closed 0 PROTOCOL_UNSUPPORTED"],
  ] as const)("a story of status %s", async (status: Status, text) => {
    const { hooks } = start({ status });
    render(<Counter hooks={hooks} />);
    await screen.findByText(text);
  });

  test("a status that is set before anything is shown is that of what is restored", async () => {
    const { mock, hooks } = start();
    mock.setStatus("offline");
    render(<Counter hooks={hooks} />);
    await screen.findByText("1 offline 0");
  });

  test("the status may change while it is shown; what was done offline arrives once it is live", async () => {
    const { mock, hooks } = start();
    render(<Counter hooks={hooks} />);
    await screen.findByText("1 live 0");
    mock.setStatus("offline");
    await screen.findByText("1 offline 0");
    const added = hooks.client.module("counter").actions.add(1);
    await screen.findByText("1 offline 1");
    mock.setStatus("live");
    await expect(added).resolves.toBe(2);
    await screen.findByText("2 live 0");
    mock.setStatus("denied", new HoldfastError("UNAUTHENTICATED", "Sign in again."));
    await screen.findByText("2 denied 0 UNAUTHENTICATED");
  });

  test("instances by key, connections and the presence of others are there as well", async () => {
    const { mock, hooks } = start();
    function Room(): ReactNode {
      const { state } = hooks.useModule("room", { key: "abc" });
      const { others } = hooks.usePresence("room", { key: "abc" });
      const user = hooks.useConnection("user");
      return (
        <p>{JSON.stringify([state?.n, user.state?.text, others.map(({ value }) => value.x)])}</p>
      );
    }
    render(<Room />);
    await screen.findByText('[3,"hi",[]]');
    mock.module("room", "abc").setOthers([{ x: 4 }, { x: 5 }]);
    mock.connection("user").update((draft) => void (draft.text = "ho"));
    await screen.findByText('[3,"ho",[4,5]]');
    await hooks.client.connection("user").emit("say", { text: "ahoy" });
    expect(mock.calls).toEqual([
      { connection: "user", key: undefined, action: "say", payload: { text: "ahoy" } },
    ]);
  });

  test("a module without a state stays connecting, and saying more of it is a mistake", async () => {
    const { mock, hooks } = start({ modules: {} });
    render(<Counter hooks={hooks} />);
    await screen.findByText("nothing connecting 0");
    expect(() => mock.module("counter").state).toThrow(/mockApp was given no state of "counter"/);
  });
});

describe("createMockHooks", () => {
  test("each story begins anew, whatever became of the one before", async () => {
    const hooks = createMockHooks<App>(createHooks);
    expect(() => hooks.useStatus()).toThrow(/Call start/);
    const story = (n: number): MockAppOptions<App> => ({
      modules: { counter: { state: { ...STATE, list: [], n } } },
    });
    hooks.start({ ...story(1), status: "denied" });
    const { unmount } = render(<Counter hooks={hooks} />);
    await screen.findByText("nothing denied 0 FORBIDDEN");
    unmount();
    const mock = hooks.start(story(2));
    render(<Counter hooks={hooks} />);
    await screen.findByText("2 live 0");
    expect(mock.calls).toEqual([]);
  });
});
