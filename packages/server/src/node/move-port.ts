import type { Instance } from "../host/instance.ts";
import type { MovePort } from "../host/move/move.ts";
import { instanceName } from "../module/instance-name.ts";
import { placeName } from "../module/place.ts";

/** Where instances are found by name. */
export interface Places {
  at(name: string): {
    /** Resolves when all that was written there is durable. */
    durable(): Promise<void>;
    use<Result>(work: (instance: Instance) => Result | Promise<Result>): Promise<Result>;
  };
}

/**
 * Calls between the instances of one module in one process. What the caller has written is durable
 * before it is said, and what the other one wrote before it has answered.
 *
 * @param from the caller's name
 */
export function movePort(places: Places, from: string, module: string): MovePort {
  const ask = async <Answer>(
    key: string,
    question: (instance: Instance) => Promise<Answer>,
  ): Promise<Answer> => {
    await places.at(from).durable();
    return places.at(instanceName(module, key)).use(question);
  };
  return {
    begin: (move) =>
      ask(placeName({ type: "session", session: move.session }), (instance) =>
        instance.begin(move),
      ),
    adopt: (adoption) => {
      const { to, session } = adoption;
      const place =
        to === null ? ({ type: "session", session } as const) : ({ type: "key", key: to } as const);
      return ask(placeName(place), (instance) => instance.adopt(adoption));
    },
  };
}
