import { encodeValue } from "@holdfast/protocol";
import type { ModuleDefinition } from "../module/definition.ts";

/**
 * Names the shape of a module's state: its version and a fingerprint of its initial state. A client
 * that got its state under another name gets a snapshot instead of patches.
 */
export function schemaId(module: ModuleDefinition): string {
  return `${module.version}.${fingerprint(encodeValue(module.initial))}`;
}

/** Tells texts apart; guards no secret, so 32 bits of FNV-1a are enough. */
export function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(36);
}
