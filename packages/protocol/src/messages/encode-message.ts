import { toJson } from "../codec/to-json.ts";
import type { Json } from "../codec/to-json.ts";
import { Walk } from "../codec/walk.ts";
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

function messageToJson(message: ClientMessage | ServerMessage): unknown {
  switch (message.type) {
    case "action":
      return withValue(message, "payload", message.payload);
    case "ack":
      return withValue(message, "result", message.result);
    case "snapshot":
      return withValue(message, "state", message.state);
    case "commit":
      return { ...message, patches: message.patches.map(patchToJson) };
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
  return { ...message, [name]: toJson(value, 0, new Walk([], { root: name })) };
}

function patchToJson({ op, path, ...operands }: Patch): Json {
  const walk = new Walk(path, {});
  // True because the shapes name exactly the operands of the operation.
  const values = operands as unknown as Readonly<Record<string, unknown>>;
  return [
    op,
    path.map((segment) => toJson(segment, path.length, walk)),
    ...Object.keys(PATCH_SHAPES[op]).map((name) => toJson(values[name], path.length, walk)),
  ];
}
