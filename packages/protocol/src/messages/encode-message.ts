import { jsonAt } from "../codec/to-json.ts";
import type { Json } from "../codec/to-json.ts";
import type { Patch } from "../patch.ts";
import { PATCH_SHAPES } from "../schema/patch-shapes.ts";
import type { ClientMessage } from "./client-message.ts";
import type { ServerMessage } from "./server-message.ts";

/**
 * A message as text: a frame of its own, or a part for `joinFrame`.
 *
 * @throws HoldfastError `VALUE_UNSUPPORTED` or `VALUE_TOO_DEEP`, naming the place inside the
 * payload, result, state or patch value.
 */
export function encodeMessage(message: ClientMessage | ServerMessage): string {
  return JSON.stringify(messageToJson(message));
}

/** The `patches` of a message as they stand on the wire. */
export function encodePatches(patches: readonly Patch[]): string {
  return JSON.stringify(patches.map(patchToJson));
}

function messageToJson(message: ClientMessage | ServerMessage): unknown {
  switch (message.type) {
    case "action":
      return withValue(message, "payload", message.payload);
    case "patch":
      return { ...message, patches: message.patches.map(patchToJson) };
    case "presence":
      return withValue(message, "value", message.value);
    case "present":
      return {
        ...message,
        others: message.others.map((one) => withValue(one, "value", one.value)),
      };
    case "ack":
      return withValue(message, "result", message.result);
    case "event":
      return withValue(message, "data", message.data);
    case "snapshot":
      return withValue(message, "state", message.state);
    case "commit":
      // By name: a spread costs more than all the rest of a small commit.
      return {
        type: message.type,
        version: message.version,
        mark: message.mark,
        patches: message.patches.map(patchToJson),
      };
    case "resume":
      return { ...message, commits: message.commits.map(messageToJson) };
    default:
      return message;
  }
}

function withValue<Name extends string>(
  message: { readonly [Key in Name]?: unknown },
  name: Name,
  value: unknown,
): unknown {
  if (!Object.hasOwn(message, name)) return message;
  return { ...message, [name]: jsonAt(value, [], { root: name }) };
}

function patchToJson(patch: Patch): Json {
  const { op, path } = patch;
  // True because the shapes name exactly the operands of the operation.
  const values = patch as unknown as Readonly<Record<string, unknown>>;
  const json: Json[] = [op, path.map((segment) => jsonAt(segment, path))];
  for (const name in PATCH_SHAPES[op]) json.push(jsonAt(values[name], path));
  return json;
}
