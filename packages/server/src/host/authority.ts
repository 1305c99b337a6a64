import { HoldfastError } from "@holdfast/protocol";
import type { Authorize, AuthorizedWish } from "../module/authorize.ts";
import type { ActionDefinition, ModuleDefinition } from "../module/definition.ts";
import type { StateTree } from "../state/state-tree.ts";
import { scopeOf } from "../state/tracked.ts";
import type { ConnectionIdentity } from "./connection.ts";

/** What an authority works with. */
export interface AuthorityParts {
  readonly module: ModuleDefinition;
  readonly tree: StateTree;
  readonly env: unknown;
}

/** An action that somebody wants to run. */
export interface Wish {
  readonly name: string;
  readonly definition: ActionDefinition;
  /** Checked. */
  readonly payload: unknown;
}

/** Asks the module who may do what (G16). What it cannot say, or fails to say, is refused. */
export class Authority {
  readonly #parts: AuthorityParts;

  constructor(parts: AuthorityParts) {
    this.#parts = parts;
  }

  /** @throws HoldfastError `FORBIDDEN`, or what `authorize` throws */
  connect(caller: ConnectionIdentity): void {
    const { authorize } = this.#parts.module;
    if (!authorize) return;
    try {
      this.#onCommitted((state) => this.#ask([authorize], caller, { type: "connect" }, state));
    } catch (cause) {
      if (cause instanceof HoldfastError) throw cause;
      throw new HoldfastError(
        "FORBIDDEN",
        "The server could not say whether you may connect here, so you may not. Its log says why.",
        { cause },
      );
    }
  }

  /** Patches of a client's recipe. Throws as `connect` does. */
  patch(caller: ConnectionIdentity, state: object): void {
    const { authorize } = this.#parts.module;
    if (authorize) this.#ask([authorize], caller, { type: "patch" }, state);
  }

  /** An action, by the state that it is about to change. Throws as `connect` does. */
  action(caller: ConnectionIdentity, wish: Wish, state: object): void {
    const { authorize } = this.#parts.module;
    if (!authorize && !wish.definition.authorize) return;
    const { name: action, payload } = wish;
    this.#ask(
      [authorize, wish.definition.authorize],
      caller,
      { type: "action", action, payload },
      state,
    );
  }

  /** An action by the committed state. Throws as `connect` does. */
  actionOnCommitted(caller: ConnectionIdentity, wish: Wish): void {
    if (!this.#parts.module.authorize && !wish.definition.authorize) return;
    this.#onCommitted((state) => this.action(caller, wish, state));
  }

  #onCommitted(ask: (state: object) => void): void {
    const transaction = this.#parts.tree.begin();
    try {
      ask(transaction.state);
    } finally {
      transaction.undo();
      transaction.end();
    }
  }

  #ask(
    asked: readonly (Authorize | undefined)[],
    { session, user }: ConnectionIdentity,
    wish: AuthorizedWish,
    state: object,
  ): void {
    const { env } = this.#parts;
    const { writes } = scopeOf(state).log;
    for (const authorize of asked) {
      if (!authorize) continue;
      const before = writes.length;
      const verdict: unknown = authorize({ ...wish, state, session: { id: session }, user, env });
      if (verdict === true && writes.length === before) continue;
      throw verdict === true || typeof verdict === "object" ? misused() : forbidden(wish);
    }
  }
}

function forbidden(wish: AuthorizedWish): HoldfastError {
  const what = wish.type === "action" ? `run "${wish.action}"` : `${wish.type} here`;
  return new HoldfastError("FORBIDDEN", `You may not ${what}: the server's own rules say no.`);
}

function misused(): HoldfastError {
  return new HoldfastError(
    "DEFINITION_INVALID",
    "authorize is synchronous, and does not change the state: return true or false.",
  );
}
