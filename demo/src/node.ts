import { type HoldfastServer, serve, type ServeOptions, staticFiles } from "@holdfast/server/node";
import { connectionsWith, modules } from "./app.ts";

/** Serves the demo from Node; the built pages from `pages`, where it is given. */
export async function start({
  pages,
  ...options
}: Pick<ServeOptions, "port" | "dataDir"> & { readonly pages?: string }): Promise<
  HoldfastServer<typeof modules, ReturnType<typeof connectionsWith>>
> {
  const connections = connectionsWith(
    (env, room) => server.instance(env as object, "talk", room).actions,
  );
  const server: HoldfastServer<typeof modules, typeof connections> = await serve({
    modules,
    connections,
    ...options,
    ...(pages === undefined ? {} : { fetch: staticFiles(pages) }),
  });
  return server;
}
