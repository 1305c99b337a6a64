import type { Connections } from "../../connection/define-connection.ts";
import type { ModuleEntries } from "../../module/definition.ts";
import { RunningApp, type TestApp, type TestAppOptions } from "./running-app.ts";

/**
 * Runs an app's modules in this process, as they run in production: the same host, journal, sessions
 * and admission, on a database in memory, with a network and a clock of the test's own. Time stands
 * still until `pass()`.
 *
 * @throws HoldfastError `DEFINITION_INVALID` for an empty or misnamed module, or for connections that
 * cannot be told apart
 *
 * @example
 * using app = testApp({ modules });
 * const ann = createClient<App>(app.page().options).module("todos", "shop");
 * const bob = createClient<App>(app.page().options).module("todos", "shop");
 * await ann.actions.add("milk");
 * await app.rest();
 * expect(bob.getSnapshot().state?.items).toHaveLength(1);
 */
export function testApp<
  Env = unknown,
  const Entries extends ModuleEntries = ModuleEntries,
  Own extends Connections = Record<never, never>,
>(options: TestAppOptions<Env, Entries, Own>): TestApp<Entries, Own> {
  return new RunningApp(options);
}
