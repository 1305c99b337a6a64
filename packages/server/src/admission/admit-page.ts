import { HoldfastError, randomToken } from "@holdfast/protocol";
import type { KeyStrategy } from "../module/key-strategy.ts";
import { type Admitted, type AdmissionParts, admitSession, moduleNamed } from "./admit.ts";

/** 132 random bits. */
const SESSION_CHARACTERS = 22;

/**
 * Decides on a page that is to be rendered for whoever asks for it: they see what they could see if
 * they connected. The page goes to nobody else, so their cookies count also where a browser names no
 * Origin.
 *
 * @param request for the page
 * @throws HoldfastError as `admit` does; `SESSION_INVALID` for a visitor without a session, where the
 * instance would be the session's
 */
export async function admitPage(
  request: Request,
  { moduleName, key }: { readonly moduleName: string; readonly key: string | undefined },
  parts: AdmissionParts,
): Promise<Admitted> {
  const module = moduleNamed(parts.modules, moduleName);
  const proven = await parts.sessions.verifyCookie(request);
  if (!proven && BY_SESSION.has(module.strategy.type)) throw noSession();
  // Who comes for the first time has none: nothing is kept under this one.
  const session = proven?.id ?? randomToken(SESSION_CHARACTERS);
  const asking = new Request(request.url, { headers: request.headers });
  return admitSession(session, asking, { moduleName, module, key: key ?? null }, parts);
}

const BY_SESSION: ReadonlySet<KeyStrategy["type"]> = new Set(["session", "derived"]);

function noSession(): HoldfastError {
  return new HoldfastError(
    "SESSION_INVALID",
    "Whoever asks for the page has no session yet, so there is no state of theirs. Render it without a snapshot: the browser gets a session when it connects.",
  );
}
