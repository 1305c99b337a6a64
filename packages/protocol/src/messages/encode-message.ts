import { toJson } from "../codec/to-json.ts";
import type { Json } from "../codec/to-json.ts";
import { Walk } from "../codec/walk.ts";
import type { Patch } from "../patch.ts";
import type { ClientMessage } from "./client-message.ts";
import { PATCH_SHAPE } from "./patch-shape.ts";
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
  // True because the shape names exactly the fields of a patch of this operation.
  const fields = operands as unknown as Readonly<Record<string, unknown>>;
  const { path: _, ...shapes } = PATCH_SHAPE.of[op] ?? {};
  return [
    op,
    path.map((segment) => toJson(segment, path.length, walk)),
    ...Object.keys(shapes).map((name) => toJson(fields[name], path.length, walk)),
  ];
}
