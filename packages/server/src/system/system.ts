import { HoldfastError } from "@holdfast/protocol";
import type { ActionContext } from "../module/action-context.ts";
import type { CreatedContext } from "../module/hooks.ts";
import type { Sql } from "../module/sql.ts";
import type { SystemBase } from "../module/system-class.ts";
import { runningOf } from "./running.ts";

/**
 * A module written as a class: its `@field`s are the state, its `@action`s what clients can call.
 * One object of the class lives as long as its instance is in memory; what is not a field is plain
 * memory. By default there is an instance for each key that clients ask for; `static persist` says
 * otherwise. `Env` is the Worker's environment; `Events` what its actions may `emit`:
 * `System<Env, { joined: { who: string } }>`.
 *
 * @example
 * class TaskManager extends System {
 *   static persist = durableObjectStore(global());
 *   @field tasks: Task[] = [];
 *   @action() addTask(title: string) {
 *     this.tasks.push({ id: this.context.randomId(), title, done: false });
 *   }
 * }
 */
export abstract class System<
  Env = unknown,
  Events extends object = Record<never, never>,
> implements SystemBase {
  /** Types only: what its actions may `emit`, by name, with the types of their data. */
  declare readonly "~events"?: Events;

  /**
   * The instance's own database: `this.sql\`SELECT * FROM events WHERE id = ${id}\``. Values are bound.
   *
   * @throws HoldfastError `ENDED` where no action runs
   */
  get sql(): Sql {
    const running = runningOf(this);
    if (running) return running.sql();
    throw outside("The database of a system");
  }

  /**
   * The context of the action that runs.
   *
   * @throws HoldfastError `ENDED` where none runs
   */
  get context(): ActionContext<object, Env, Events> {
    const context = runningOf(this)?.context;
    // The platform gives what the class declares; `Env` and `Events` are the author's word for it.
    if (context) return context as unknown as ActionContext<object, Env, Events>;
    throw outside("The context of a system");
  }

  /**
   * Runs whenever the instance comes into memory, with its state: the place to migrate by hand, or to
   * fill plain memory. One commit; synchronous. When it throws, nobody gets in.
   */
  onCreate?(context: CreatedContext): void;
}

function outside(what: string): HoldfastError {
  return new HoldfastError(
    "ENDED",
    `${what} was asked for where no action runs. It is there in actions; onCreate() has a context of its own, its argument.`,
  );
}
