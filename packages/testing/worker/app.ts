import {
  app,
  durableObjectStore,
  global,
  HoldfastError,
  named,
  session,
  user,
  withKey,
} from "@holdfast/server";
import { lobby } from "./lobby.ts";
import { account } from "./bank.ts";
import { Speaker } from "./speaker.ts";
import { Tasks } from "./tasks.ts";
import { wishes } from "./wishes.ts";

const counter = app
  .defineState({ count: 0 })
  .persist(durableObjectStore(global()))
  .onAction("increment", ({ state }, by: number = 1) => {
    state.count += by;
    return state.count;
  })
  .onAction("refuse", ({ state }) => {
    state.count = -1;
    throw new HoldfastError("REFUSED", "Not today.");
  })
  .build();

const room = app
  .defineState({ messages: [] as { id: string; text: string }[] })
  .persist(durableObjectStore(named({ allow: (key) => key !== "closed" })))
  .onAction("send", ({ state, randomId }, text: string) => {
    state.messages.push({ id: randomId(), text });
    return state.messages.length;
  })
  .build();

const draft = app
  .defineState({ text: "" })
  .persist(durableObjectStore(session()))
  .onAction("write", ({ state }, text: string) => {
    state.text = text;
  })
  .build();

/** What the states were that have ended. */
export const expired: { readonly lines: string[] }[] = [];

const visit = app
  .defineState({ lines: [] as string[] })
  .persist(durableObjectStore(session({ idleSeconds: 1 })))
  .onExpire((state) => void expired.push(state))
  .onAction("write", ({ state, sql }, line: string) => {
    state.lines.push(line);
    sql`CREATE TABLE IF NOT EXISTS own (line TEXT)`;
    sql`INSERT INTO own (line) VALUES (${line})`;
  })
  .build();

const profile = app
  .defineState({ names: [] as string[] })
  .persist(durableObjectStore(user()))
  .onAction("add", ({ state, user: caller }, name: string) => {
    state.names.push(`${name} of ${caller?.id}`);
  })
  .build();

interface Todos {
  user: { id: string } | null;
  todos: string[];
}

const todos = app
  .defineState<Todos>({ user: null, todos: [] })
  .persist(durableObjectStore(withKey((state: Todos) => state.user?.id)))
  .onKeyChange((state, { guest }) => {
    for (const todo of guest?.todos ?? []) {
      if (!state.todos.includes(todo)) state.todos.push(todo);
    }
  })
  .onAction("login", ({ state }, id: string) => {
    state.user = { id };
    return `welcome ${id}`;
  })
  .onAction("logout", ({ state }) => {
    state.user = null;
  })
  .onAction("add", ({ state }, todo: string) => {
    state.todos.push(todo);
  })
  .build();

/** The app of the tests. */
export const modules = {
  todos,
  counter,
  room,
  draft,
  visit,
  profile,
  lobby,
  account,
  tasks: Tasks,
  speaker: Speaker,
  wishes,
};

/**
 * Knows the tokens `user <id>` and `until <time> <id>`; others are wrong. A cookie `legacy=<id>`
 * counts as well, as in an app that has logins of its own.
 */
export function authenticate(
  request: Request,
): { id: string } | { user: { id: string }; expires: number } | null {
  const [kind, ...words] = (request.headers.get("Authorization") ?? "")
    .replace(/^Bearer /, "")
    .split("_");
  if (kind === "user") return { id: words.join("_") };
  if (kind === "until") return { user: { id: String(words[1]) }, expires: Number(words[0]) };
  if (kind) throw new Error("secret reason: the token is not in the table of tokens");
  const legacy = /legacy=(\w+)/.exec(request.headers.get("Cookie") ?? "")?.[1];
  return legacy ? { id: legacy } : null;
}
