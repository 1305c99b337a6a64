import type { AppContract, Patch, Value } from "@holdfast/protocol";
import { type Client, createClient } from "./client.ts";
import type { ClientOptions } from "./client-options.ts";
import type { ModuleHandle } from "./module-handle.ts";
import { settle, TestPage } from "./page.fixture.ts";
import { TestServer } from "./server.fixture.ts";

export interface App extends AppContract {
  modules: {
    counter: {
      state: { n: number; text: string };
      actions: {
        add: { parameters: [by?: number]; result: number };
        fail: { parameters: []; result: void };
      };
      keys: "fixed";
      events: { rang: { at: number }; bell: undefined };
    };
    room: {
      state: { n: number };
      actions: { add: { parameters: [by?: number]; result: number } };
      keys: "named";
    };
  };
}

export function createServer(text = ""): TestServer {
  return new TestServer(
    { n: 0, text },
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
}

export function put(key: string, value: Value): Patch {
  return { op: "replace", path: [key], value };
}

/** A page with a client, and a server for its counter; nothing is connected. */
export function setUp(options: ClientOptions = {}): {
  page: TestPage;
  client: Client<App>;
  counter: ModuleHandle<App["modules"]["counter"]>;
  server: TestServer;
} {
  const page = new TestPage();
  const client = createClient<App>({ environment: page.environment, ...options });
  return { page, client, counter: client.module("counter"), server: createServer() };
}

/** Subscribes, connects and is greeted. */
export async function goLive(options: ClientOptions = {}): Promise<ReturnType<typeof setUp>> {
  const all = setUp(options);
  all.counter.subscribe(() => undefined);
  await settle();
  all.server.accept(all.page.socket);
  return all;
}
