import {
  createClient,
  type HoldfastError,
  type ModuleHandle,
  optimism,
  persistence,
  type Status,
  type StreamStatus,
  type StreamValue,
} from "./index.ts";
import { createCoreHooks, createHooks } from "./react.ts";

// Checked by `tsc -b`, never run: what an app may write, and, by `@ts-expect-error`, what it may not.

interface Todo {
  id: string;
  title: string;
  done: boolean;
  tags: string[];
}

interface App {
  modules: {
    counter: {
      state: { count: number };
      actions: {
        increment: { parameters: [by?: number]; result: number };
        reset: { parameters: []; result: void };
      };
      keys: "fixed";
    };
    todos: {
      state: {
        items: Todo[];
        byId: Map<string, Todo>;
        due: Date | null;
        summary: StreamValue;
      };
      actions: {
        add: { parameters: [title: string]; result: Todo };
        toggle: { parameters: [payload: { id: string }]; result: void };
      };
      keys: "named";
    };
  };
}

type Equals<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A>(value: A): { as<B>(equal: Equals<A, B>): void } {
  return { as: () => void value };
}

const { client, useModule, useStatus, useStream } = createHooks<App>({ token: () => "t" });

export function results(): void {
  const { state, actions, restored, status, pending, error } = useModule("counter");
  same(status).as<Status>(true);
  same(pending).as<number>(true);
  same(error).as<HoldfastError | undefined>(true);
  same(restored).as<boolean>(true);
  same(state).as<{ readonly count: number } | undefined>(true);
  // @ts-expect-error before `restored` there may be no state
  void state.count;
  if (restored) same(state).as<{ readonly count: number }>(true);

  same(actions.increment(2)).as<Promise<number>>(true);
  void actions.increment();
  void actions.reset();
  // @ts-expect-error a payload of another type
  void actions.increment("2");
  // @ts-expect-error an action without payload takes none
  void actions.reset(1);
  // @ts-expect-error no such action
  void actions.decrement();
  same(useStatus().status).as<Status>(true);
}

export function reading(): void {
  const { text, status, error } = useStream("todos", "summary", { key: "home" });
  same(text).as<string>(true);
  same(status).as<StreamStatus>(true);
  same(error).as<string | null>(true);
  useStream("todos", ["items", 3, "summary"], { key: "home" });
  void client.module("todos", "home").stream("summary").getSnapshot().text;
  // @ts-expect-error named() modules need a key
  useStream("todos", "summary");
  // @ts-expect-error others have none
  useStream("counter", ["a"], { key: "home" });
  // @ts-expect-error a field that is no stream
  useStream("todos", "items", { key: "home" });
}

export function narrowing(): void {
  const counter = useModule("counter");
  if (counter.restored) same(counter.state.count).as<number>(true);
  else same(counter.state).as<undefined>(true);
}

export function selecting(): void {
  const count = useModule("counter", { select: (state) => state.count, equal: (a, b) => a === b });
  same(count.state).as<number | undefined>(true);
  if (count.restored) same(count.state).as<number>(true);

  const titles = useModule("todos", {
    key: "home",
    select: (state) => state.items.map((item) => item.title),
    initialState: [],
  });
  same(titles.state.length).as<number>(true);

  const placeholder = useModule("counter", { select: (state) => state.count, initialState: null });
  same(placeholder.state).as<number | null>(true);
  if (placeholder.restored) same(placeholder.state).as<number>(true);
  // @ts-expect-error no such field
  useModule("counter", { select: (state) => state.total });
}

export function initialStates(): void {
  const { state } = useModule("counter", { initialState: { count: 0 } });
  same(state).as<{ readonly count: number }>(true);
  const { state: incomplete } = useModule("counter", { initialState: {} });
  // @ts-expect-error an initial state that is not whole has to be told apart
  void incomplete.count;
}

export function keys(): void {
  useModule("todos", { key: "home", enabled: false });
  // @ts-expect-error named() modules need a key
  useModule("todos");
  // @ts-expect-error named() modules need a key
  useModule("todos", { enabled: true });
  // @ts-expect-error others have none
  useModule("counter", { key: "home" });
  // @ts-expect-error no such module
  useModule("chat");
  // @ts-expect-error no such option
  useModule("counter", { suspend: true });

  const todos: ModuleHandle<App["modules"]["todos"]> = client.module("todos", "home");
  void todos.dispatch("add", "milk");
  // @ts-expect-error no such action
  void todos.dispatch("remove", "milk");
  // @ts-expect-error named() modules need a key
  client.module("todos");
  // @ts-expect-error others have none
  client.module("counter", "home");
}

export function readonlyState(): void {
  const todos = useModule("todos", { key: "home" });
  if (!todos.restored) return;
  const [first] = todos.state.items;
  same(todos.state.due).as<Date | null>(true);
  same(todos.state.byId.get("a")?.title).as<string | undefined>(true);
  // @ts-expect-error state is shared between versions
  todos.state.items.push({ id: "1", title: "", done: false, tags: [] });
  // @ts-expect-error sort copies with toSorted()
  todos.state.items.sort((a, b) => a.title.localeCompare(b.title));
  // @ts-expect-error readonly all the way down
  first?.tags.push("x");
  // @ts-expect-error readonly all the way down
  if (first) first.done = true;
  // @ts-expect-error Maps as well
  todos.state.byId.clear();
}

export function reducers(): void {
  useModule("counter", {
    optimistic: {
      increment(draft, by = 1, { now, randomId }) {
        same(now).as<number>(true);
        same(randomId()).as<string>(true);
        draft.count += by;
      },
      reset: (draft) => (draft.count = 0),
    },
  });
  useModule("todos", {
    key: "home",
    select: (state) => state.items.length,
    optimistic: {
      add(draft, title, { randomId }) {
        draft.items.push({ id: randomId(), title, done: false, tags: [] });
      },
      toggle: (draft, { id }) => {
        for (const item of draft.items) if (item.id === id) item.done = !item.done;
      },
    },
  });
  // @ts-expect-error no such action
  useModule("counter", { optimistic: { decrement: () => undefined } });
  useModule("counter", {
    optimistic: {
      // @ts-expect-error no such field
      increment: (draft) => void draft.total++,
    },
  });
  // @ts-expect-error the core knows no optimism
  createCoreHooks<App>().useModule("counter", { optimistic: { reset: () => undefined } });
  // @ts-expect-error hooks bring their own
  createHooks<App>({ optimism: () => ({ replay: (base) => base }) });
}

export function persisted(): void {
  const { usePersistedModule } = createHooks<App>({ principal: () => "alice" });
  const { state, restored } = usePersistedModule("counter", { version: 2 });
  if (restored) same(state).as<{ readonly count: number }>(true);
  usePersistedModule("todos", { key: "home", optimistic: { add: () => undefined } });
  // @ts-expect-error the key is missing
  usePersistedModule("todos", { version: 1 });
  // @ts-expect-error nothing is kept, so there is no version to compare
  useModule("counter", { version: 2 });
  createCoreHooks<App>({ persistence }).usePersistedModule("counter");
  // @ts-expect-error persistence was not passed
  createCoreHooks<App>({ optimism }).usePersistedModule("counter");
  createCoreHooks<App>({ optimism }).useModule("counter", { optimistic: {} });
  // @ts-expect-error optimism was not passed
  createCoreHooks<App>({ persistence }).usePersistedModule("counter", { optimistic: {} });
  client.persistedModule("todos", "home", { version: 1 });
  // @ts-expect-error the key is missing
  client.persistedModule("todos");
}

export function suspended(): void {
  const { state } = useModule("counter", { suspense: true });
  same(state).as<{ readonly count: number }>(true);
  // @ts-expect-error what is not enabled would suspend for ever
  useModule("counter", { suspense: true, enabled: false });
  const count = useModule("counter", { suspense: true, select: (all) => all.count });
  same(count.state).as<number>(true);
  // @ts-expect-error without suspense there may be no state yet
  void useModule("counter", { errorBoundary: true }).state.count;
}

export function withoutFramework(): void {
  const counter = createClient<App>({ host: "example.com" }).module("counter");
  same(counter.getSnapshot().state).as<{ readonly count: number } | undefined>(true);
  const snapshot = counter.getSnapshot();
  if (snapshot.restored) same(snapshot.state.count).as<number>(true);
  same(counter.dispatch("increment", 1)).as<Promise<number>>(true);
  counter.optimistic(() => ({ increment: (draft, by = 1) => (draft.count += by) }));
}
