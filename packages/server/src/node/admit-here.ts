import { admitConnection, connectionOf } from "../admission/admit-connection.ts";
import { admit, type AdmissionParts } from "../admission/admit.ts";
import type { Credentials } from "../admission/credentials.ts";
import type { Connections } from "../connection/define-connection.ts";
import type { ConnectionIdentity } from "../host/connection.ts";
import { instanceName } from "../module/instance-name.ts";
import { connectionHome } from "./home-name.ts";

/** Somebody who may connect, and where to. */
export interface AdmittedHere {
  readonly key: string;
  readonly identity: ConnectionIdentity;
  /** The home of the instance with a key. */
  readonly home: (key: string) => string;
}

/**
 * Decides on a request to connect to a module or a connection, before anything wakes (G18).
 *
 * @throws HoldfastError for whoever may not connect
 */
export async function admitHere(
  request: Request,
  credentials: Credentials,
  parts: AdmissionParts & { readonly connections: Connections },
): Promise<AdmittedHere> {
  const connection = connectionOf(new URL(request.url), parts.connections);
  if (!connection) {
    const { moduleName, key, identity } = await admit(request, credentials, parts);
    return { key, identity, home: (place) => instanceName(moduleName, place) };
  }
  const { connectionBinding: binding, name } = connection;
  const admitted = await admitConnection(connection, request, { credentials, parts });
  return { ...admitted, home: (place) => connectionHome(binding, instanceName(name, place)) };
}
