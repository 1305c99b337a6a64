import type { User } from "./user.ts";

/** What one connection shows of its user, as actions see it. */
export interface PresentUser<Shown = unknown> {
  /** The connection's, while it lasts: the one that other clients know it by. */
  readonly id: string;
  /** Whom `authenticate` returned when that connection was made: unlike `value`, nobody can make it up. */
  readonly user: User | null;
  readonly session: { readonly id: string };
  readonly value: Shown;
}
