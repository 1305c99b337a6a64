import { describe, expectTypeOf, test } from "vitest";
import { app } from "./builder.ts";
import type { ContractOf } from "./definition.ts";
import { global, named, session, user, withKey } from "./key-strategy.ts";
import { durableObjectStore } from "./store.ts";

interface Todos {
  user: { id: string; plan: "free" | "paid" } | null;
  todos: string[];
}
const todos = app.defineState<Todos>({ user: null, todos: [] });

describe("the types of withKey", () => {
  test("the state is that of the module, without a word of it", () => {
    todos.persist(
      durableObjectStore(
        withKey((state) => {
          expectTypeOf(state).toEqualTypeOf<Todos>();
          return state.user?.id;
        }),
      ),
    );
    todos.key(
      withKey((state) => {
        expectTypeOf(state).toEqualTypeOf<Todos>();
        return state.user?.plan ?? null;
      }),
    );
  });

  test("what must not compile does not", () => {
    // @ts-expect-error the state has no such field
    todos.persist(durableObjectStore(withKey((state) => state.account?.id)));
    // @ts-expect-error a key is a text
    todos.persist(durableObjectStore(withKey((state) => state.todos.length)));
    // @ts-expect-error a promise is no key
    todos.persist(durableObjectStore(withKey(async (state) => state.user?.id)));
    // @ts-expect-error the state of another module
    todos.persist(durableObjectStore(withKey((state: { count: number }) => String(state.count))));
    // @ts-expect-error the same without a store
    todos.key(withKey((state: { count: number }) => String(state.count)));
  });

  test("a part of the state may be asked for by hand, and a strategy stand on its own", () => {
    const byUser = withKey((state: Pick<Todos, "user">) => state.user?.id);
    todos.persist(durableObjectStore(byUser));
    const store = durableObjectStore(byUser);
    todos.persist(store);
  });

  test("the other strategies go with every state", () => {
    for (const strategy of [global(), session(), user()]) {
      expectTypeOf(strategy.mode).toEqualTypeOf<"fixed">();
      todos.persist(durableObjectStore(strategy)).build();
      todos.key(strategy).build();
    }
    const rooms = todos.persist(durableObjectStore(named())).build();
    expectTypeOf<ContractOf<typeof rooms>["keys"]>().toEqualTypeOf<"named">();
    const own = todos.persist(durableObjectStore(withKey((state) => state.user?.id))).build();
    expectTypeOf<ContractOf<typeof own>["keys"]>().toEqualTypeOf<"fixed">();
  });
});
