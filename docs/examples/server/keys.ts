import { app, durableObjectStore, named, session, user, withKey } from "@holdfast/server";

/** A draft belongs to a browser. */
export const draft = app.defineState({ text: "" }).persist(durableObjectStore(session())).build();

/** What somebody has chosen belongs to the user, on every device. */
export const preferences = app
  .defineState({ theme: "dark" as "dark" | "light" })
  .persist(durableObjectStore(user()))
  .onAction("choose", ({ state }, theme: "dark" | "light") => {
    state.theme = theme;
  })
  .build();

/** A document is found by its name, by those who may. */
export const document = app
  .defineState({ text: "" })
  .persist(
    durableObjectStore(named({ allow: (key, { user: who }) => who?.id === key.split("/")[0] })),
  )
  .build();

interface Item {
  id: string;
  title: string;
}

/** Before a login a visitor has a cart; behind it, the customer has. */
export const cart = app
  .defineState({ customer: null as { id: string } | null, items: new Map<string, Item>() })
  .persist(
    durableObjectStore(
      withKey((state: { customer: { id: string } | null }) => state.customer?.id ?? null),
    ),
  )
  .onAction("put", ({ state }, item: Item) => {
    state.items.set(item.id, item);
  })
  .onAction("login", ({ state }, id: string) => {
    state.customer = { id }; // checked by you: a password, a code
  })
  .onAction("logout", ({ state }) => {
    state.customer = null;
  })
  .onKeyChange((state, { guest }) => {
    // At a login, `guest` is what the visitor had.
    for (const [id, item] of guest?.items ?? []) state.items.set(id, item);
  })
  .build();
