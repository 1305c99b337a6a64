import { checkOrigin } from "./admit.ts";
import { readText } from "./read-text.ts";
import type { Sessions } from "./session.ts";

/**
 * `POST /holdfast/session`. By default the session is a cookie: minted where the request proves none,
 * renewed in the second half of its time, otherwise left alone. A page of another site, to which no
 * cookie of this one would come, and whoever asks for JSON, gets it as a text; the one it has already,
 * it sends as the body. A session that lives in a cookie is never told as a text.
 *
 * @throws HoldfastError `ORIGIN_FORBIDDEN`, or `FRAME_TOO_LARGE` for a body that is no session
 */
export async function answerSession(
  request: Request,
  sessions: Sessions,
  allowedOrigins: readonly string[],
): Promise<Response> {
  if (request.method !== "POST") {
    return new Response("Sessions are made by POST.", { status: 405, headers: { Allow: "POST" } });
  }
  const isAcross = request.headers.get("Sec-Fetch-Site") === "cross-site";
  const asText = isAcross || request.headers.get("Accept")?.includes("application/json") === true;
  // A new session is nobody's yet, and as a text nothing is attached to it: anybody may have one.
  checkOrigin(request, allowedOrigins, asText);
  const headers = new Headers({ "Cache-Control": "no-store", ...crossOrigin(request) });
  if (asText) {
    const proven = await sessions.verify((await readText(request, SESSION_BYTES)).trim());
    return Response.json({ session: await sessions.mint(proven?.id) }, { headers });
  }
  const proven = await sessions.verifyCookie(request);
  if (!proven || proven.isOld) {
    const secure = new URL(request.url).protocol === "https:";
    for (const cookie of await sessions.cookies(await sessions.mint(proven?.id), secure)) {
      headers.append("Set-Cookie", cookie);
    }
  }
  return new Response(null, { status: 204, headers });
}

/** Several times what a session takes. */
const SESSION_BYTES = 1_024;

/** Lets a page of an allowed origin that is not the Worker's own see that it has got a session. */
function crossOrigin(request: Request): Record<string, string> {
  const origin = request.headers.get("Origin");
  if (origin === null || origin === new URL(request.url).origin) return {};
  return {
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Allow-Credentials": "true",
    Vary: "Origin",
  };
}
