import type { WorkerConfig } from "../../config/worker-config.ts";
import type { AppFacts } from "./app-facts.ts";

/** Connections whose objects nobody would find, each with what to do. */
export function missingConnections(
  { connections, exports }: AppFacts,
  { durable_objects }: WorkerConfig,
): { readonly what: string; readonly mend: string }[] {
  return connections.flatMap(({ name, binding }) => {
    const exported = exports.find((one) => one.is === "connection" && one.binding === binding);
    const isBound = durable_objects?.bindings?.some(
      (one) => one.name === binding && one.class_name === exported?.name,
    );
    if (exported && (exported.name === binding || isBound)) return [];
    const what = exported
      ? `The class of the connection "${name}" is exported as ${exported.name}, and looked for as ${binding}.`
      : `The class of the connection "${name}" is not exported.`;
    const mend = `Write in the Worker's entry: export const ${binding} = createConnectionHandler(connections.${name});`;
    return [{ what, mend }];
  });
}
