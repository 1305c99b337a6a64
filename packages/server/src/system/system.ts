import { HoldfastError } from "@holdfast/protocol";
import type { ActionContext } from "../module/action-context.ts";
import type { Sql } from "../module/sql.ts";
import type { SystemBase } from "../module/system-class.ts";
import { runningOf } from "./running.ts";

/**
 * A module written as a class: its `@field`s are the state, its `@action`s what clients can call.
 * One object of the class lives as long as its instance is in memory; what is not a field is plain
 * memory. By default there is an instance for each key that clients ask for; `static persist` says
 * otherwise.
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
export abstract class System<Env = unknown> implements SystemBase {
  /**
   * The instance's own database: `this.sql\`SELECT * FROM events WHERE id = ${id}\``. Values are bound.
   *
   * @throws HoldfastError `ENDED` where no action runs
   */
  get sql(): Sql {
    return this.context.sql;
  }

  /**
   * The context of the action that runs.
   *
   * @throws HoldfastError `ENDED` where none runs
   */
  get context(): ActionContext<object, Env> {
    const context = runningOf(this);
    // The platform gives what the class declares; `Env` is the author's word for it.
    if (context) return context as ActionContext<object, Env>;
    throw new HoldfastError(
      "ENDED",
      "The context of a system was asked for, and no action runs: it is there in actions and onCreate() only.",
    );
  }
}
