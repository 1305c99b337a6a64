import { instanceName } from "@holdfast/server/internal/module/instance-name";
import { placeName } from "@holdfast/server/internal/module/place";
import type { Todos } from "./app.ts";

/** Whose state of the to-do list it is. */
export type Home =
  | { readonly type: "user"; readonly id: string }
  | { readonly type: "guest"; readonly session: string; readonly label: string };

/** Whose state a page of that session shows. */
export function homeOf(session: string, { user, label }: Pick<Todos, "user" | "label">): Home {
  return user ? { type: "user", id: user.id } : { type: "guest", session, label };
}

/** The instance that has the state of a home. */
export function instanceOf(home: Home): string {
  return home.type === "user"
    ? instanceName("todos", placeName({ type: "key", key: home.id }))
    : ownInstance(home.session);
}

/** The instance that is a session's own. */
export function ownInstance(session: string): string {
  return instanceName("todos", placeName({ type: "session", session }));
}

export function isSame(one: Home, other: Home | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

export function describe(home: Home): string {
  return home.type === "user" ? home.id : `a guest (${home.label || "the first"})`;
}
