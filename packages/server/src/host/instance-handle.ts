import {
  type Answer,
  decodeValue,
  encodeValue,
  HoldfastError,
  type Limits,
  type ModuleContract,
} from "@holdfast/protocol";
import { type CallChain, chainOf } from "./call-chain.ts";
import type { ModuleDefinition, Modules } from "../module/definition.ts";
import { instanceName, storedName } from "../module/instance-name.ts";
import { type KeyStrategy, keyProblem } from "../module/key-strategy.ts";
import { placeName } from "../module/place.ts";
import { unwrap } from "../state/unwrap.ts";

/** A module's actions as code of the server calls them. */
export type ServerActions<Contract extends ModuleContract> = {
  readonly [Name in keyof Contract["actions"]]: (
    ...parameters: Contract["actions"][Name]["parameters"]
  ) => Promise<Contract["actions"][Name]["result"]>;
};

/** One instance, for code of the server. */
export interface InstanceHandle<Contract extends ModuleContract> {
  /**
   * Runs an action as principal `server`: `authorize` is not asked. It is atomic, and durable when the
   * promise resolves, but not exactly once: a call whose answer is lost may have happened.
   *
   * Each rejects with a `HoldfastError`: what the action was refused with; `REENTRANT` where an action
   * of that instance waits for the caller; `BUSY` where nothing was decided; `OUTCOME_UNKNOWN` where
   * the instance stopped before it answered.
   */
  readonly actions: ServerActions<Contract>;
}

/** What crosses from one object to another. Values as text: what the platform clones is less. */
export interface RemoteCall {
  readonly action: string;
  readonly payload: string | undefined;
  readonly chain: CallChain;
}

/** The objects of the instances. */
export interface CallableObjects {
  getByName(name: string): { holdfastCall(call: RemoteCall): Promise<Answer> };
}

/** @throws HoldfastError `UNKNOWN_MODULE` or `KEY_INVALID` */
export function instanceHandle(parts: {
  readonly modules: Modules;
  readonly objects: () => CallableObjects;
  readonly limits: Limits;
  readonly env: unknown;
  readonly module: string;
  readonly key: string | undefined;
}): InstanceHandle<ModuleContract> {
  const { modules, objects, limits, env, module: name, key } = parts;
  const target = targetName(modules, limits, name, key);
  const actions: Record<string, (payload?: unknown) => Promise<unknown>> = {};
  // True because a module of that name was found.
  for (const action of (modules[name] as ModuleDefinition).actions.keys()) {
    actions[action] = async (payload) => {
      const chain = chainOf(env);
      if (chain.includes(target)) throw reentrant(action, chain, target);
      const text = payload === undefined ? undefined : encodeValue(unwrap(payload), ["payload"]);
      const answer = await ask(objects(), target, { action, payload: text, chain });
      if (answer.type === "reject") {
        throw new HoldfastError(answer.error.code, answer.error.message);
      }
      return answer.result === undefined ? undefined : decodeValue(answer.result);
    };
  }
  return { actions };
}

/**
 * The name of the instance that code of the server means by module and key.
 *
 * @throws HoldfastError `UNKNOWN_MODULE` or `KEY_INVALID`
 */
export function targetName(
  modules: Modules,
  limits: Limits,
  name: string,
  key: string | undefined,
): string {
  const module = Object.hasOwn(modules, name) ? modules[name] : undefined;
  if (!module) {
    throw new HoldfastError(
      "UNKNOWN_MODULE",
      `There is no module "${name}". Add it to \`modules\`, or correct the name.`,
    );
  }
  return instanceName(storedName(modules, name), checkedKey(module.strategy, key, limits));
}

async function ask(objects: CallableObjects, name: string, call: RemoteCall): Promise<Answer> {
  try {
    return await objects.getByName(name).holdfastCall(call);
  } catch (cause) {
    // The platform marks what it has not even delivered.
    if ((cause as { overloaded?: unknown } | undefined)?.overloaded === true) {
      throw new HoldfastError(
        "BUSY",
        `The instance is overloaded; "${call.action}" did not reach it. Try again later.`,
        { cause },
      );
    }
    throw new HoldfastError(
      "OUTCOME_UNKNOWN",
      `The instance stopped before it answered, so "${call.action}" may have been done or not. Read the state before you try again.`,
      { cause },
    );
  }
}

function checkedKey(strategy: KeyStrategy, key: string | undefined, limits: Limits): string {
  if (strategy.type === "global") {
    if (key === undefined) return "";
    throw new HoldfastError(
      "KEY_INVALID",
      "This module has one instance for everybody (global()), but a key was given. Leave the key out.",
    );
  }
  const problem =
    key === undefined || key === ""
      ? `This module has one instance per ${KEYED_BY[strategy.type]}, but no key was given. Pass one: instance(env, name, key).`
      : keyProblem(key, limits);
  if (problem !== undefined) throw new HoldfastError("KEY_INVALID", problem);
  // Checked above.
  const checked = key as string;
  return strategy.type === "derived" ? placeName({ type: "key", key: checked }) : checked;
}

const KEYED_BY: Record<Exclude<KeyStrategy["type"], "global">, string> = {
  session: "session: its id",
  user: "user: the user's id",
  derived: "value of withKey",
  named: "key",
};

function reentrant(action: string, chain: CallChain, target: string): HoldfastError {
  const path = [...chain.slice(chain.indexOf(target)), target].map(decodeURIComponent).join(" → ");
  return new HoldfastError(
    "REENTRANT",
    `"${action}" was called by an action that its own instance waits for (${path}): they would wait for each other. Do it in the same action, or after it has returned.`,
  );
}
