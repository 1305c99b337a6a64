import type { Authorize } from "../module/authorize.ts";
import type {
  CreatedHook,
  ErrorHook,
  PersistErrorHook,
  RestoreErrorHook,
} from "../module/hooks.ts";
import type { MigrateStep } from "../module/migrate-step.ts";
import type { ActionOptions } from "../module/module-builder.ts";
import type { StandardSchema } from "../module/standard-schema.ts";
import type { User } from "../module/user.ts";
import type { View } from "../module/view.ts";
import type { BaseMeta, ConnectionContext } from "./connection-context.ts";

/** Options of `defineConnection`. */
export interface ConnectionOptions<
  Meta extends BaseMeta = BaseMeta,
  Env = unknown,
  State extends object = object,
  Events = Record<string, unknown>,
> {
  /** What storage calls it. */
  readonly name: string;
  /** Where sockets connect, beside `/holdfast/connect/connection:<name>`: `"/ws"`. */
  readonly websocketPath?: string;
  /** The exported class, and the binding, of its objects. Default: `name`. */
  readonly connectionBinding?: string;
  /** The state of a user that is new. */
  readonly state: State;
  /**
   * Keys that are kept for good; the others go back to their initial values when the user has been
   * gone for a minute. Left out: all are kept. `[]`: none.
   */
  readonly persistedKeys?: readonly (keyof State & string)[];
  readonly persistOptions?: {
    /**
     * `true`: what is inside of a value is handed out as a plain copy, and only assigning to a key of
     * the state itself persists. A change inside that is not assigned is warned of, once for each
     * place. Default: `false`, changes are tracked however deep they are.
     */
    readonly shallow?: boolean;
    /**
     * `false`: what storage does not take stays in the server's memory and is stored with the next
     * commit; nobody is told of it before, and a restart loses it. Default: `true`, see `PersistError`.
     */
    readonly throwOnError?: boolean;
  };
  /** Keys of the state that no client sees. */
  readonly private?: readonly (keyof State & string)[];
  /** See `ModuleBuilder.view`; `viewer.meta` is the connection's. */
  readonly view?: View;
  /** See `ModuleBuilder.authorize`; an event is an action. */
  readonly authorize?: Authorize<State>;
  /** See `StateOptions`. */
  readonly version?: number;
  readonly migrate?: Readonly<Record<number, MigrateStep>>;
  readonly schema?: StandardSchema;
  /**
   * Says whose connection it is, in the Worker, before anything wakes. `user` is whom `authenticate`
   * returned; without one, the session stands in for it. With `authenticate`, a `userId` that is not
   * the user's is refused; without it, the state is that of this session and `userId`.
   */
  readonly extractMeta: (
    request: Request,
    who: { readonly session: { readonly id: string }; readonly user: User; readonly env: Env },
  ) => Meta | Promise<Meta>;
  /** See `CreatedHook`: whenever the user's state comes into memory. */
  readonly onCreated?: CreatedHook<State>;
  /** The state is loaded; the connection is in the rooms of `meta.channels`. */
  readonly onConnect?: (
    context: ConnectionContext<Meta, Env, State, Events>,
  ) => void | Promise<void>;
  /** The connection is gone. A server that dies tells nobody: it is a courtesy. */
  readonly onDisconnect?: (
    context: ConnectionContext<Meta, Env, State, Events>,
  ) => void | Promise<void>;
  readonly onError?: ErrorHook;
  readonly onPersistError?: PersistErrorHook;
  readonly onRestoreError?: RestoreErrorHook;
}

/** Options of an event. */
export type EventOptions = Omit<ActionOptions, "authorize">;
