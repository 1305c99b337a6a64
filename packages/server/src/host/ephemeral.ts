import type { Limits } from "@holdfast/protocol";
import { checkedAction } from "../module/check-definition.ts";
import type { ActionDefinition, ModuleDefinition } from "../module/definition.ts";
import type { Alarm, Alarms } from "./alarms.ts";
import type { Call } from "./call.ts";
import type { Platform } from "./platform.ts";
import { become, becomeAt } from "./restore.ts";
import { SERVER } from "./server-identity.ts";

/** What ephemeral state works with. */
export interface EphemeralParts {
  readonly module: ModuleDefinition;
  readonly alarms: Alarms;
  readonly platform: Platform;
  readonly limits: Pick<Limits, "ephemeralMs">;
  /** Whether anything is stored: what is not has never been changed. */
  readonly isStored: () => boolean;
  /** Whether anybody is connected. */
  readonly isAttended: () => boolean;
  /** Whether something is under way that may need the state as it is. */
  readonly isHeld: () => boolean;
  readonly run: (calls: readonly Call[]) => void;
}

/** The kind of its alarm. */
export const EPHEMERAL = "ephemeral";
/** No id of a schedule is as short. */
const ID = "ephemeral";
/** An alarm that rings so late is one that the platform repeats. */
const LATE_MS = 1_000;

/** Takes care of state that lives no longer than somebody is there. */
export class Ephemeral {
  readonly #parts: EphemeralParts;
  readonly #reset: ActionDefinition;

  constructor(parts: EphemeralParts) {
    this.#parts = parts;
    const { initial, ephemeral } = parts.module;
    const reset = (state: object): void => {
      if (ephemeral === "all") become(state, initial);
      else for (const key of ephemeral) becomeAt(state, key, initial[key]);
    };
    this.#reset = {
      ...checkedAction("ephemeral state goes", {}, reset),
      handler: (context) => reset(context.state),
    };
    if (hasEphemeral(parts.module)) parts.alarms.on(EPHEMERAL, (alarm) => this.#ring(alarm));
  }

  /** A connection is gone, or something that needed the state is over. */
  disconnected(): void {
    const { module, isStored, isAttended } = this.#parts;
    if (hasEphemeral(module) && !isAttended() && isStored()) this.#setAlarm();
  }

  #setAlarm(): void {
    const { alarms, platform, limits } = this.#parts;
    alarms.set({ id: ID, kind: EPHEMERAL, at: platform.now() + limits.ephemeralMs, body: "" });
  }

  async #ring({ at }: Alarm): Promise<void> {
    const { isAttended, isHeld, platform } = this.#parts;
    // Somebody came: when they go, the alarm is set anew.
    if (isAttended()) return;
    // It may have rung before, with somebody there, in a process that died of it a moment ago.
    const isAgain = platform.now() - at > LATE_MS;
    if (isHeld() || isAgain) this.#setAlarm();
    else await this.#goBack();
  }

  #goBack(): Promise<void> {
    const { run } = this.#parts;
    return new Promise((resolve, reject) => {
      run([
        {
          type: "action",
          action: { name: "ephemeral state goes" },
          sequence: undefined,
          caller: SERVER,
          definition: this.#reset,
          isTrusted: true,
          onAnswer: (answer) =>
            answer?.type === "ack" ? resolve() : reject(new Error("It could not be stored.")),
        },
      ]);
    });
  }
}

/** Whether some of the module's state lives no longer than somebody is there. */
export function hasEphemeral({ ephemeral }: ModuleDefinition): boolean {
  return ephemeral === "all" || ephemeral.length > 0;
}
