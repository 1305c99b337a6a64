import type { HoldfastError, ModuleContract } from "@holdfast/protocol";
import type {
  ActionsOf,
  Emit,
  EventsOf,
  PresenceOf,
  RecipeOf,
  ReducersOf,
  StateOf,
} from "./contract.ts";
import type { InitialSnapshot } from "./initial-snapshot.ts";
import type { HistoryHandle } from "./history/history.ts";
import type { PresenceHandle } from "./presence.ts";
import type { Restored } from "./store/store-snapshot.ts";
import type { Status } from "./status.ts";
import type { StreamHandle, StreamPath } from "./stream-handle.ts";

/** What there is to see of an instance, immutable; a new object whenever any of it changed. */
export type ModuleSnapshot<State> = Restored<State> & {
  readonly status: Status;
  /** The number of unacknowledged actions. */
  readonly pending: number;
  /** Why `status` is `denied` or `closed`, or why it is taking so long to be `live`. */
  readonly error: HoldfastError | undefined;
};

/**
 * One connection: the state of its user, live, and events in both directions. `on` hears what the
 * server emits to the user, to this connection's rooms, or to it alone.
 */
export interface ConnectionHandle<Connection extends ModuleContract> extends Omit<
  ModuleHandle<Connection>,
  "update" | "actions" | "dispatch" | "optimistic"
> {
  readonly emit: Emit<Connection>;
}

/**
 * One instance of a module, as this page sees it. Reading it opens nothing; the first subscriber or
 * action connects, and a moment after the last one is gone, with nothing unanswered, the connection
 * closes and the state is forgotten. All handles of one instance share one connection and one state.
 */
export interface ModuleHandle<Module extends ModuleContract> {
  readonly module: string;
  readonly key: string | undefined;
  /** The same object until something changes. */
  readonly getSnapshot: () => ModuleSnapshot<StateOf<Module>>;
  /**
   * Shows the state that a server has rendered the page with, until it is live; connecting goes on
   * from its version. Does nothing where there is a state already.
   *
   * @throws HoldfastError `MALFORMED_FRAME` for what `createSnapshot` has not made
   */
  readonly hydrate: (snapshot: InitialSnapshot) => void;
  /** @returns a function that ends the subscription */
  readonly subscribe: (listener: () => void) => () => void;
  /**
   * Calls `listener` for every `event` that the module's actions emit, while there is a connection;
   * the state of the action's commit is in the snapshot by then. Like a subscriber it keeps the
   * connection open. At most once: what is emitted while nobody is connected is not heard of.
   *
   * @returns a function that ends it
   */
  on<Event extends keyof EventsOf<Module> & string>(
    event: Event,
    listener: (data: EventsOf<Module>[Event]) => void,
  ): () => void;
  /**
   * What the users of the instance show of themselves to each other, where the module declares it.
   *
   * @throws HoldfastError `DEFINITION_INVALID` of a client without the option `presence`
   */
  readonly presence: PresenceHandle<PresenceOf<Module>>;
  /**
   * What this page does here by `update`, to be undone and redone.
   *
   * @throws HoldfastError `DEFINITION_INVALID` of a client without the option `history`
   */
  readonly history: HistoryHandle;
  /**
   * Sends an action. Calls survive reconnects, and arrive in order and once.
   *
   * @returns its result, once the action is durable and its effects are in the snapshot. Rejects with
   * a `HoldfastError` if the server refuses it; at once, with `VALUE_UNSUPPORTED`, `VALUE_TOO_DEEP`,
   * `FRAME_TOO_LARGE` or `OUTBOX_FULL`, if it cannot be sent; with `CLOSED` or
   * `OUTCOME_UNKNOWN` if the connection ended for good. A refusal that nobody awaits or catches goes
   * to `onRejected`.
   */
  dispatch<Name extends keyof Module["actions"] & string>(
    name: Name,
    ...parameters: Module["actions"][Name]["parameters"]
  ): Promise<Module["actions"][Name]["result"]>;
  /** `actions.name(payload)` is `dispatch("name", payload)`; the functions never change. */
  readonly actions: ActionsOf<Module>;
  /**
   * Changes the state by a recipe that edits a draft of it, where the module lets clients write
   * (`clientWrites`). Shows the outcome at once, and sends the patches. No update of anybody is lost:
   * where others have changed the same place meanwhile, the recipe runs again on the new state. So it
   * is synchronous, does nothing but edit the draft, and may run often. What it merely reads may have
   * changed by the time it counts.
   *
   * @returns resolves once the change is durable; rejects as `dispatch` does, with `WRITE_FORBIDDEN`
   * where clients may not write, with `CONFLICT` where others keep changing the same place, and with
   * `REFUSED` for a recipe that throws
   *
   * @example
   * await todos.update((draft) => void draft.items.push({ text: "Milk", done: false }));
   */
  readonly update: (recipe: RecipeOf<Module>) => Promise<void>;
  /**
   * A stream of the state: text that grows while everybody watches. The client needs the option
   * `streams`.
   *
   * @param path the key of a field, or the keys that lead to it: `["answers", id]`
   * @throws HoldfastError `DEFINITION_INVALID` without the option
   *
   * @example
   * const reply = client.module("assistant", "today").stream("reply");
   * reply.subscribe(() => console.log(reply.getSnapshot().text));
   */
  stream(path: StreamPath<Module>): StreamHandle;
  /** Actions that show at once what the reducers at hand say they will do. */
  optimistic(reducers: () => ReducersOf<Module> | undefined): ActionsOf<Module>;
}
