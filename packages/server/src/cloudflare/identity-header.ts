import { decodeValue, encodeValue, type Value } from "@holdfast/protocol";
import type { ConnectionIdentity } from "../host/connection.ts";

/** What the Worker tells the object about who connects, in a header that it alone sets. */
export const IDENTITY_HEADER = "x-holdfast-identity";

/** A header holds Latin-1; users are called what they are called. */
export function encodeIdentity(identity: ConnectionIdentity): string {
  // Plain data: `authenticate` was asked for nothing else.
  return encodeURIComponent(encodeValue(identity as unknown as Value));
}

/** `undefined` for a request that is not the Worker's. */
export function decodeIdentity(request: Request): ConnectionIdentity | undefined {
  const header = request.headers.get(IDENTITY_HEADER);
  // Only `encodeIdentity` writes it.
  return header === null
    ? undefined
    : (decodeValue(decodeURIComponent(header)) as unknown as ConnectionIdentity);
}
