import type { Instance } from "../host/instance.ts";
import type { MovePort } from "../host/move/move.ts";
import { instanceName } from "../module/instance-name.ts";
import { placeName } from "../module/place.ts";
import type { Homes } from "./homes.ts";

/**
 * Calls between the instances of one module in one process. What the caller has written is durable
 * before it is said, and what the other one wrote before it has answered.
 *
 * @param from the caller's name
 */
export function movePort(homes: Homes<Instance>, from: string, module: string): MovePort {
  const ask = async <Answer>(
    key: string,
    question: (instance: Instance) => Promise<Answer>,
  ): Promise<Answer> => {
    await homes.at(from).durable();
    return homes.at(instanceName(module, key)).use(question);
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
