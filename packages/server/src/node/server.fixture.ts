import { onTestFinished } from "vitest";
import {
  app,
  durableObjectStore,
  global,
  HoldfastError,
  named,
  session,
  user,
  withKey,
} from "../index.ts";
import type { InstanceHandle } from "./index.ts";
import { type HoldfastServer, serve, type ServeOptions } from "./index.ts";
import { testFolder } from "./gated-database.fixture.ts";

const counter = app
  .defineState({ count: 0, rang: 0 })
  .persist(durableObjectStore(global()))
  .onAction("increment", ({ state }, by: number = 1) => (state.count += by))
  .onAction("later", ({ schedule }, ms: number) => schedule(ms, "ring"))
  .onAction("ring", ({ state }) => void state.rang++)
  .onAction("slow", async ({ state, commit }, ms: number) => {
    state.count += 1;
    await commit();
    await new Promise((resolve) => setTimeout(resolve, ms));
    state.count += 100;
  })
  .build();

const room = app
  .defineState({ texts: [] as string[] })
  .persist(durableObjectStore(named({ allow: (key) => key !== "closed" })))
  .onAction("send", ({ state }, text: string) => void state.texts.push(text))
  .build();

const draft = app
  .defineState({ text: "" })
  .persist(durableObjectStore(session()))
  .onAction("write", ({ state }, text: string) => void (state.text = text))
  .build();

/** Nobody stays for long. */
const visit = app
  .defineState({ text: "" })
  .persist(durableObjectStore(session({ idleSeconds: 0.2 })))
  .onAction("write", ({ state }, text: string) => void (state.text = text))
  .build();

const profile = app
  .defineState({ name: "" })
  .persist(durableObjectStore(user()))
  .onAction(
    "rename",
    ({ state, user }, name: string) => void (state.name = `${name} (${user?.id})`),
  )
  .build();

interface Todos {
  user: { id: string } | null;
  todos: string[];
}

const todos = app
  .defineState<Todos>({ user: null, todos: [] })
  .persist(durableObjectStore(withKey((state: Todos) => state.user?.id)))
  .onKeyChange((state, { guest }) => {
    for (const todo of guest?.todos ?? []) if (!state.todos.includes(todo)) state.todos.push(todo);
  })
  .onAction("login", ({ state }, id: string) => void (state.user = { id }))
  .onAction("logout", ({ state }) => void (state.user = null))
  .onAction("add", ({ state }, todo: string) => void state.todos.push(todo))
  .build();

/** Calls its neighbours. */
interface Account {
  pass(route: readonly string[]): Promise<string>;
}
let callAccount: (env: unknown, key: string) => Account;
const account = app
  .defineState({ passed: 0 })
  .persist(durableObjectStore(named()))
  .onAction("pass", async ({ state, env }, [next, ...rest]: readonly string[]): Promise<string> => {
    state.passed++;
    if (next === undefined) return "end";
    try {
      return `${next} ${await callAccount(env, next).pass(rest)}`;
    } catch (error) {
      return error instanceof HoldfastError ? error.code : "?";
    }
  })
  .build();

export const modules = { counter, room, draft, visit, profile, todos, account };
export type TestServer = HoldfastServer<typeof modules>;

/** The subprotocols that a user's client offers: the token that `authenticate` of the server knows. */
export function withToken(user: string): string[] {
  return ["holdfast.1", `holdfast.token.${Buffer.from(`user_${user}`).toString("base64url")}`];
}

/** The user that a token names. */
export function testAuthenticate(request: Request): { id: string } | null {
  const [, id] = /^Bearer user_(.+)$/.exec(request.headers.get("Authorization") ?? "") ?? [];
  return id === undefined ? null : { id };
}

/** A server on a free port and a folder of its own, closed when the test is over. */
export async function startServer(
  options: Partial<ServeOptions<object, typeof modules>> = {},
): Promise<TestServer & { readonly dataDir: string }> {
  const dataDir = options.dataDir ?? testFolder();
  const server = await serve({
    modules,
    port: 0,
    dataDir,
    env: {},
    handleSignals: false,
    graceSeconds: 1,
    authenticate: testAuthenticate,
    ...options,
  });
  onTestFinished(() => server.close());
  callAccount = (env, key) => {
    const handle: InstanceHandle<{
      readonly state: unknown;
      readonly actions: {
        readonly pass: { readonly parameters: [readonly string[]]; readonly result: string };
      };
      readonly keys: "named";
      readonly events: Record<never, never>;
    }> = server.instance(env as object, "account", key) as never;
    return handle.actions;
  };
  return { ...server, dataDir };
}
