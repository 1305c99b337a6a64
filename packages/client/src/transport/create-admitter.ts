import { EXPLAIN, HoldfastError } from "@holdfast/protocol";
import type { Environment } from "../environment.ts";
import { addressOf } from "./address.ts";
import type { Admitter, TokenSource } from "./admission.ts";
import { namePrincipal, type PrincipalSource } from "./principal.ts";
import { Session } from "./session.ts";

/** Which server, and as whom; of `ClientOptions`. */
export interface AdmitterOptions {
  readonly host?: string;
  readonly token?: TokenSource;
  readonly principal?: PrincipalSource;
}

/**
 * What a page connects by; `undefined` where nothing may connect.
 *
 * @throws HoldfastError `DEFINITION_INVALID` for a host that is no address, or where there is none
 */
export function createAdmitter(
  options: AdmitterOptions,
  environment: Environment,
): Admitter | undefined {
  if (!environment.WebSocket) return undefined;
  const page = environment.origin === "null" ? undefined : environment.origin;
  const host = options.host ?? page;
  if (host === undefined) {
    throw new HoldfastError(
      "DEFINITION_INVALID",
      EXPLAIN && "The page has no origin, so the client does not know its server. Pass { host }.",
    );
  }
  const address = addressOf(host, page);
  const isOwnServer = new URL(address.base).origin === page;
  const session = new Session(environment, address.session);
  return {
    address,
    session,
    token: options.token,
    principal: () => namePrincipal(environment, options.principal, isOwnServer, session.text),
  };
}
