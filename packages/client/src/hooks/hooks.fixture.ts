import type { Patch, StreamValue, Value } from "@holdfast/protocol";
import { settle, TestPage } from "../page.fixture.ts";
import type { Hooks } from "../react.ts";
import { TestServer } from "../server.fixture.ts";
import { act, createHooks } from "./framework.fixture.ts";

export interface App {
  modules: {
    counter: {
      state: { n: number; text: string; list: { id: number }[]; reply: StreamValue };
      actions: {
        add: { parameters: [by?: number]; result: number };
        fail: { parameters: []; result: void };
      };
      keys: "fixed";
      events: { rang: { at: number } };
    };
    room: {
      state: { n: number };
      actions: object & Record<never, never>;
      keys: "named";
      presence: { x: number };
    };
  };
  connections: {
    user: {
      state: { n: number; text: string };
      actions: {
        add: { parameters: [by?: number]; result: number };
        say: { parameters: [data: { text: string }]; result: void };
      };
      keys: "fixed";
      events: { said: { text: string } };
    };
  };
}

export function put(key: string, value: Value): Patch {
  return { op: "replace", path: [key], value };
}

/** A page, its hooks, and a server that answers when the test says so. */
export class HooksBench {
  readonly page = new TestPage();
  readonly hooks: Hooks<App> = createHooks<App>({ environment: this.page.environment });
  readonly server = new TestServer(
    {
      n: 0,
      text: "",
      list: [{ id: 1 }],
      reply: { id: "s", status: "idle", text: "", error: null },
    },
    {
      add: ({ n }: { n: number }, by?: number) => ({
        patches: [put("n", n + (by ?? 1))],
        result: n + (by ?? 1),
      }),
      fail: () => {
        throw new Error("refused");
      },
    },
  );

  /** Accepts the latest socket. */
  async greet(): Promise<void> {
    await act(settle);
    await act(async () => this.server.accept(this.page.socket));
  }

  /** Lets the server handle what was sent. */
  async answer(): Promise<void> {
    await act(settle);
    await act(async () => this.server.handle(this.page.socket));
  }

  async commit(...patches: Patch[]): Promise<void> {
    await act(async () => void this.server.commit(...patches));
  }

  async pass(milliseconds: number): Promise<void> {
    await act(() => this.page.advance(milliseconds));
  }
}
