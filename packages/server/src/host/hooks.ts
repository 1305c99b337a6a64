import { type Answer, HoldfastError } from "@holdfast/protocol";
import { checkedAction } from "../module/check-definition.ts";
import type { ActionDefinition, ModuleDefinition } from "../module/definition.ts";
import type { ToldHook } from "../module/hooks.ts";
import type { Call } from "./call.ts";
import { type Connection, pageOf } from "./connection.ts";
import { hasEphemeral } from "./ephemeral.ts";
import type { Platform } from "./platform.ts";

/** What connection hooks work with. */
export interface ConnectionHooksParts {
  readonly module: ModuleDefinition;
  readonly platform: Platform;
  readonly run: (calls: readonly Call[]) => void;
}

/** Runs a module's hooks for connections that come and go, each as an action of its session. */
export class ConnectionHooks {
  readonly #parts: ConnectionHooksParts;
  readonly #connect: ActionDefinition | undefined;
  readonly #disconnect: ActionDefinition | undefined;

  constructor(parts: ConnectionHooksParts) {
    this.#parts = parts;
    const { connect, disconnect } = parts.module.hooks;
    this.#connect = connect && asAction("onConnect", connect);
    this.#disconnect = disconnect && asAction("onDisconnect", disconnect);
  }

  /** The connection says its first `hello`, which names its page. */
  connected(connection: Connection, page: string | undefined): void {
    this.#run("onConnect", this.#connect, connection, page);
  }

  /** A connection that had said `hello` is gone. */
  disconnected(connection: Connection): void {
    this.#run("onDisconnect", this.#disconnect, connection, pageOf(connection.meta));
  }

  #run(
    name: string,
    definition: ActionDefinition | undefined,
    connection: Connection,
    page: string | undefined,
  ): void {
    if (!definition) return;
    const onAnswer = (answer: Answer | undefined): void => this.#report(name, answer);
    this.#parts.run([
      {
        type: "action",
        action: { name },
        sequence: undefined,
        caller: connection.meta,
        connection,
        page,
        definition,
        isTrusted: true,
        onAnswer,
      },
    ]);
  }

  /** Nobody else is told that a hook was refused. */
  #report(name: string, answer: Answer | undefined): void {
    if (answer?.type !== "reject") return;
    const { code, message } = answer.error;
    this.#parts.platform.report(new HoldfastError(code, message), `${name} was refused`);
  }
}

/** Whether the module has something to do when a connection goes, be it only to wait. */
export function mindsLeaving(module: ModuleDefinition): boolean {
  const { hooks, strategy } = module;
  const isMissed = hooks.disconnect !== undefined || module.presence !== undefined;
  const isKept = module.connection !== undefined || hasEphemeral(module);
  return isMissed || isKept || strategy.type === "derived";
}

function asAction(name: string, hook: ToldHook): ActionDefinition {
  return {
    ...checkedAction(name, hook.options ?? {}, hook),
    handler: (context) => {
      const result: unknown = hook(context.state, context);
      // What it returns is nobody's result; that it has returned is waited for.
      return result instanceof Promise ? result.then(() => undefined) : undefined;
    },
  };
}
