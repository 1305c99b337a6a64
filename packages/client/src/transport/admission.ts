import { EXPLAIN, HoldfastError } from "@holdfast/protocol";
import { base64url } from "../base64url.ts";
import type { Address } from "./address.ts";
import type { Admission } from "./partysocket.ts";
import type { Session } from "./session.ts";

const SUBPROTOCOL = "holdfast.1";

/** Gives the token to connect with; asked before every attempt. `null`: connect without one. */
export type TokenSource = () => string | null | Promise<string | null>;

export interface Admitter {
  readonly address: Address;
  readonly session: Session;
  token: TokenSource | undefined;
  /** Names the principal, as of now; `undefined` while nobody does. */
  readonly principal: () => string | undefined;
}

/**
 * What the next attempt to connect needs. The token travels in a subprotocol: URLs end up in logs.
 */
export async function admit(
  { address, session, token }: Admitter,
  module: string,
  key: string | undefined,
): Promise<Admission> {
  await session.ensure();
  // Whoever writes JavaScript may say `undefined` where types say `null`.
  const secret: unknown = (await token?.()) ?? null;
  const url = address.connect(module, key);
  const protocols = [SUBPROTOCOL, ...(session.text ? [`holdfast.session.${session.text}`] : [])];
  if (secret === null) return { url, protocols };
  if (typeof secret !== "string") {
    throw new HoldfastError(
      "SESSION_INVALID",
      EXPLAIN && `\`token()\` gave ${typeof secret}, not a string or null.`,
    );
  }
  return {
    url,
    protocols: [...protocols, `holdfast.token.${base64url(new TextEncoder().encode(secret))}`],
  };
}
