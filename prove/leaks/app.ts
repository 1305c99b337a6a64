import type { AppOf } from "@holdfast/server";
import {
  app,
  durableObjectStore,
  HoldfastError,
  named,
  session,
  user,
  withKey,
} from "@holdfast/server";

/** What handlers are given of the world around them. */
export interface LeaksEnv {
  /** Resolves after so long, if the object lives to see it. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

export interface Todos {
  user: { id: string; name: string } | null;
  /** Of a guest, whose next begins with another one: says who a state is. */
  label: string;
  todos: string[];
  /** By session; each sees its own. */
  notes: Record<string, string[]>;
  /** Nobody sees it. */
  secret: string;
  filter: string;
  /** Nobody moves in any more. */
  isClosed: boolean;
}

const todos = app
  .defineState<Todos>({
    user: null,
    label: "",
    todos: [],
    notes: {},
    secret: "",
    filter: "all",
    isClosed: false,
  })
  .persist(durableObjectStore(withKey((state: Todos) => state.user?.id)))
  .private(["secret"])
  .view((viewer) => ({ hide: ["notes.*"], show: [["notes", viewer.session.id]] }))
  .clientWrites({ paths: ["filter"] })
  .onKeyChange((state, { guest, to }) => {
    if (state.isClosed && to !== null) throw new HoldfastError("REFUSED", "Nobody moves in here.");
    for (const todo of guest?.todos ?? []) {
      if (!state.todos.includes(todo)) state.todos.push(todo);
    }
    for (const [owner, notes] of Object.entries(guest?.notes ?? {})) {
      const own = state.notes[owner] ?? [];
      state.notes[owner] = [...own, ...notes.filter((note) => !own.includes(note))];
    }
  })
  .onAction("login", ({ state }, { id, name, answer }: Login) => {
    state.user = { id, name };
    return answer;
  })
  .onAction("slowLogin", async ({ state, env }, { id, name, answer }: Login) => {
    await (env as LeaksEnv).pause(500);
    state.user = { id, name };
    return answer;
  })
  .onAction("logout", ({ state }, label: string) => {
    if (state.user) state.label = label;
    state.user = null;
  })
  .onAction("add", ({ state }, todo: string) => state.todos.push(todo))
  .onAction("slowAdd", async ({ state, env }, todo: string) => {
    await (env as LeaksEnv).pause(300);
    state.todos.push(todo);
  })
  .onAction("note", ({ state, session }, note: string) => {
    state.notes[session.id] ??= [];
    state.notes[session.id]?.push(note);
  })
  .onAction("hide", ({ state }, secret: string) => {
    state.secret = secret;
  })
  .onAction("clear", ({ state }) => {
    state.todos = [];
  })
  .onAction("close", ({ state }) => {
    if (state.user) state.isClosed = true;
  })
  .onAction("refuse", ({ state }, todo: string) => {
    state.todos.push(todo);
    throw new HoldfastError("REFUSED", "Not today.");
  })
  .onAction("explode", ({ state }, todo: string) => {
    state.todos.push(todo);
    throw new Error(`secret detail: ${todo}`);
  })
  .build();

/** What a login brings: its name is the user's, its answer is for who logs in alone. */
export interface Login {
  readonly id: string;
  readonly name: string;
  readonly answer: string;
}

const draft = app
  .defineState({ lines: [] as string[] })
  .persist(durableObjectStore(session()))
  .onAction("write", ({ state }, line: string) => {
    state.lines.push(line);
  })
  .build();

const profile = app
  .defineState({ names: [] as string[] })
  .persist(durableObjectStore(user()))
  .onAction("write", ({ state }, line: string) => {
    state.names.push(line);
  })
  .build();

const room = app
  .defineState({ hands: {} as Record<string, string[]>, open: [] as string[] })
  .persist(durableObjectStore(named({ allow: (key) => key.startsWith("room") })))
  .view((viewer) => ({ hide: ["hands.*"], show: [["hands", viewer.session.id]] }))
  .onAction("write", ({ state, session }, line: string) => {
    state.hands[session.id] ??= [];
    state.hands[session.id]?.push(line);
  })
  .onAction("say", ({ state }, line: string) => {
    state.open.push(line);
  })
  .build();

/** Every key strategy that tells people apart, side by side. */
export const modules = { todos, draft, profile, room };

export type LeaksApp = AppOf<typeof modules>;
