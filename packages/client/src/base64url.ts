import { toBase64 } from "@holdfast/protocol";

/** Letters, digits, `-` and `_` alone: what ids, URLs and subprotocols may be made of. */
export function base64url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
