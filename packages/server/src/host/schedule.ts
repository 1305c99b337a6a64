import {
  decodeValue,
  encodeValue,
  type ErrorCode,
  HoldfastError,
  type Limits,
} from "@holdfast/protocol";
import type { ModuleDefinition } from "../module/definition.ts";
import { unwrap } from "../state/unwrap.ts";
import type { Alarm, Alarms } from "./alarms.ts";
import type { Call } from "./call.ts";
import { Effects } from "./effects.ts";
import type { Platform } from "./platform.ts";
import { SERVER } from "./server-identity.ts";

/** What a schedule works with. */
export interface ScheduleParts {
  readonly module: ModuleDefinition;
  readonly alarms: Alarms;
  readonly platform: Platform;
  readonly limits: Limits;
  readonly run: (calls: readonly Call[]) => void;
}

/** The kind of its alarms. */
export const SCHEDULE = "schedule";
/** What has nothing to do with the action itself, and is over some day. */
const MAY_PASS: ReadonlySet<ErrorCode> = new Set(["BUSY", "SCHEMA_TOO_NEW"]);
/** 132 random bits. */
const ID_CHARACTERS = 22;

/**
 * Actions that run at a time, as principal `server`. Each is a row, written with the commit of the
 * action that asked for it and deleted with the commit of its own: so it runs exactly once.
 */
export class Schedule {
  readonly #parts: ScheduleParts;

  constructor(parts: ScheduleParts) {
    this.#parts = parts;
    parts.alarms.on(SCHEDULE, (alarm) => this.#ring(alarm));
  }

  /**
   * Asks for an action at a time.
   *
   * @param when a point in time, or milliseconds from now
   * @returns the id of the schedule
   * @throws HoldfastError `UNKNOWN_ACTION`, `INPUT_INVALID` for a time that is none, or what the codec throws
   */
  add(effects: Effects, when: Date | number, action: string, payload: unknown): string {
    const { alarms, module, platform } = this.#parts;
    if (!module.actions.has(action)) {
      throw new HoldfastError(
        "UNKNOWN_ACTION",
        `There is no action "${action}" to schedule. Is it misspelt, or defined on another module?`,
      );
    }
    const at = when instanceof Date ? when.getTime() : platform.now() + when;
    if (!Number.isFinite(at)) {
      throw new HoldfastError(
        "INPUT_INVALID",
        `"${action}" cannot be scheduled at ${String(when)}. Give a Date, or milliseconds from now.`,
      );
    }
    const id = platform.token(ID_CHARACTERS);
    const body = encodeValue({ action, payload: unwrap(payload) }, [action]);
    effects.write(() => alarms.set({ id, kind: SCHEDULE, at, body }));
    return id;
  }

  /** Calls a schedule off; one that has run, or that there never was, is nothing. */
  remove(effects: Effects, id: string): void {
    const { alarms } = this.#parts;
    effects.write(() => {
      if (alarms.get(id)?.kind === SCHEDULE) alarms.remove(id);
    });
  }

  #ring(alarm: Alarm): Promise<void> {
    const { alarms, limits, module, platform, run } = this.#parts;
    // True because `add` has encoded it.
    const { action: name, payload } = decodeValue(alarm.body) as { action: string; payload: never };
    const effects = new Effects(limits, () => alarms.remove(alarm.id));
    return new Promise((resolve, reject) => {
      run([
        {
          type: "action",
          action: payload === undefined ? { name } : { name, payload },
          sequence: undefined,
          id: alarm.id,
          caller: SERVER,
          definition: module.actions.get(name),
          isTrusted: true,
          effects,
          onAnswer: (answer) => {
            // Nothing is decided: the alarm rings again.
            if (!answer || (answer.type === "reject" && MAY_PASS.has(answer.error.code))) {
              return reject(new Error(`The scheduled "${name}" could not be stored.`));
            }
            if (answer.type === "reject") {
              const { code, message } = answer.error;
              platform.report(
                new HoldfastError(code, message),
                `The scheduled "${name}" was refused`,
              );
            }
            resolve();
          },
        },
      ]);
    });
  }
}
