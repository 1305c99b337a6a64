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

function patchToJson(patch: Patch): Json {
  const walk = new Walk(patch.path, {});
  // True because the shape names exactly the fields of the patch.
  const fields = patch as unknown as Readonly<Record<string, unknown>>;
  const names = Object.keys(PATCH_SHAPE.of[patch.op] ?? {});
  return [
    patch.op,
    ...names.map((name) => toJson(fields[name], name === "path" ? 0 : patch.path.length, walk)),
  ];
}
