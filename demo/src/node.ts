import { type HoldfastServer, serve, type ServeOptions, staticFiles } from "@holdfast/server/node";
import { modules } from "./app.ts";

/** Serves the demo from Node; the built pages from `pages`, where it is given. */
export function start({
  pages,
  ...options
}: Pick<ServeOptions, "port" | "dataDir"> & { readonly pages?: string }): Promise<
  HoldfastServer<typeof modules>
> {
  return serve({
    modules,
    ...options,
    ...(pages === undefined ? {} : { fetch: staticFiles(pages) }),
  });
}
