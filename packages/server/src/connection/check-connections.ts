import { HoldfastError } from "@holdfast/protocol";
import type { ConnectionDefinition, Connections } from "./define-connection.ts";

/** @throws HoldfastError `DEFINITION_INVALID` for connections that could not be told apart */
export function checkConnections(connections: Connections): void {
  const distinct = [...new Set(Object.values(connections))];
  checkTwins("connectionBinding", distinct, ({ connectionBinding }) => connectionBinding);
  checkTwins("websocketPath", distinct, ({ websocketPath }) => websocketPath);
}

function checkTwins(
  what: string,
  connections: readonly ConnectionDefinition[],
  of: (connection: ConnectionDefinition) => string | undefined,
): void {
  const owners = new Map<string, string>();
  for (const connection of connections) {
    const value = of(connection);
    if (value === undefined) continue;
    const other = owners.get(value);
    if (other !== undefined) {
      throw new HoldfastError(
        "DEFINITION_INVALID",
        `The connections "${other}" and "${connection.name}" have the same ${what}, "${value}". Give each its own.`,
      );
    }
    owners.set(value, connection.name);
  }
}
