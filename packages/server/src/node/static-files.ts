import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { extname, join, resolve, sep } from "node:path";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".jpg": "image/jpeg",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
};

/** What a bundler has put a hash into never changes. */
const HASHED = /[-.][\w-]{8,}\.\w+$/;

/**
 * Serves a folder of files, such as a page that was built. What is no file and looks like a page gets
 * `index.html`: the routes of a page app are its own.
 *
 * @example
 * await serve({ modules, fetch: staticFiles("dist/client") });
 */
export function staticFiles(folder: string): (request: Request) => Promise<Response> {
  const root = resolve(folder);
  return async (request) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return new Response("Files are read.", { status: 405, headers: { Allow: "GET, HEAD" } });
    }
    const path = pathOf(request);
    if (path === undefined) return notFound();
    return (
      (await answer(root, path, request)) ??
      (extname(path) === "" ? await answer(root, "/index.html", request) : undefined) ??
      notFound()
    );
  };
}

/** `undefined` for what is no path of a file: bad escapes, zero bytes, a way out. */
function pathOf(request: Request): string | undefined {
  let path: string;
  try {
    path = decodeURIComponent(new URL(request.url).pathname);
  } catch {
    return undefined;
  }
  return /[\0\\]|\/\./.test(path) ? undefined : path;
}

async function answer(root: string, path: string, request: Request): Promise<Response | undefined> {
  const file = join(root, path.endsWith("/") ? `${path}index.html` : path);
  // Whatever the checks above missed.
  if (!file.startsWith(root + sep)) return undefined;
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  const tag = `"${found.size.toString(36)}-${Math.floor(found.mtimeMs).toString(36)}"`;
  const headers = new Headers({
    "Content-Type": TYPES[extname(file).toLowerCase()] ?? "application/octet-stream",
    "Cache-Control": HASHED.test(file) ? "public, max-age=31536000, immutable" : "no-cache",
    ETag: tag,
    "X-Content-Type-Options": "nosniff",
  });
  if (request.headers.get("If-None-Match") === tag) {
    return new Response(null, { status: 304, headers });
  }
  headers.set("Content-Length", String(found.size));
  if (request.method === "HEAD") return new Response(null, { headers });
  const body = Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>;
  return new Response(body, { headers });
}

function notFound(): Response {
  return new Response("Not found.", { status: 404 });
}
