import type { Finding } from "../finding.ts";
import type { Project } from "../project.ts";
import type { AppFacts } from "./app-facts.ts";
import { missingConnections } from "./missing-connections.ts";
import { readApp } from "./read-app.ts";

/** Looks at what an app is made of: its code is run for that, as far as a Worker runs it to start. */
export async function examineApp(project: Project): Promise<Finding[]> {
  const check = "modules";
  let facts: AppFacts;
  try {
    facts = await readApp(project);
  } catch (error) {
    return [
      {
        check,
        level: "warning",
        what: `The app's modules could not be read: ${error instanceof Error ? error.message : String(error)}`,
        mend: "If the Worker does not start either, mend that. If it does, what is missing is something that only the Worker's own build provides, and deploy cannot warn of modules that were renamed.",
      },
    ];
  }
  const missing = missingConnections(facts, project.config).map(({ what, mend }): Finding => ({
    check: "connections",
    level: "error",
    what,
    mend,
  }));
  const list = (names: readonly { readonly name: string }[]): string =>
    names.map(({ name }) => name).join(", ") || "none";
  return [
    {
      check,
      level: "ok",
      what: `Modules: ${list(facts.modules)}. Connections: ${list(facts.connections)}.`,
    },
    ...missing,
  ];
}
