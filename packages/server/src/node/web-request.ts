import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";

/**
 * What Node's server was asked, as the platform-free code reads it.
 *
 * @param origin where browsers find this server
 * @throws TypeError for a target or a header that no URL and no `Headers` can hold
 */
export function toRequest(incoming: IncomingMessage, origin: string): Request {
  const { method = "GET", rawHeaders } = incoming;
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    // Node's server has split them, in pairs.
    headers.append(rawHeaders[at] as string, rawHeaders[at + 1] as string);
  }
  // Never a base that the target could replace: `//elsewhere` is a path here.
  const url = new URL(origin + pathOf(incoming.url ?? "/"));
  if (method === "GET" || method === "HEAD") return new Request(url, { method, headers });
  const body = Readable.toWeb(incoming) as ReadableStream<Uint8Array>;
  return new Request(url, { method, headers, body, duplex: "half" });
}

/** Gives an answer to Node's server; resolves when it is on its way, or nobody wants it any more. */
export async function writeResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  const cookies = response.headers.getSetCookie();
  for (const [name, value] of response.headers) {
    if (name !== "set-cookie") outgoing.setHeader(name, value);
  }
  if (cookies.length > 0) outgoing.setHeader("Set-Cookie", cookies);
  outgoing.writeHead(response.status);
  if (!response.body || outgoing.req.method === "HEAD") {
    outgoing.end();
    return;
  }
  try {
    await pipeline(Readable.fromWeb(response.body as ReadableStream<Uint8Array>), outgoing);
  } catch {
    // Whoever asked has gone, or the body broke off: the connection says so.
    outgoing.destroy();
  }
}

/** A target is a path; through a proxy it may be a whole URL. */
function pathOf(target: string): string {
  if (target.startsWith("/")) return target;
  const url = new URL(target);
  return url.pathname + url.search;
}
