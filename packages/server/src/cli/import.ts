import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Command, ExitCode, Failure, text } from "./command.ts";
import {
  type InstanceRef,
  type ModuleList,
  Remote,
  REMOTE_HELP,
  REMOTE_OPTIONS,
} from "./remote.ts";

export const importCommand: Command = {
  summary: "puts a saved state in the place of an instance's",
  help: `holdfast import <file> [options]

Replaces the state of an instance by that of a backup. The instance begins a new history; everybody
who is connected is given the new state at once. A backup that is damaged, or of another module, is
refused, and nothing is changed.

  --key <key>       another instance of the module than the one that the backup is of
  --yes             does not ask; needed where nobody can answer
  --json            says what was done as JSON
${REMOTE_HELP}

Examples:
  holdfast import counter.json --url https://app.example
  holdfast import general.json --key general-restored --yes`,
  options: {
    ...REMOTE_OPTIONS,
    key: { type: "string" },
    yes: { type: "boolean" },
    json: { type: "boolean" },
  },
  async run({ values, positionals, surroundings }) {
    const [file] = positionals;
    if (file === undefined || positionals.length > 1) {
      throw new Failure("Which backup? Name one file.", ExitCode.usage);
    }
    const { print, note, cwd, isTerminal, confirm } = surroundings;
    const backup = await readFile(resolve(cwd, file), "utf8").catch((cause: unknown) => {
      throw new Failure(`${file} cannot be read. Is the path right?`, ExitCode.failed, { cause });
    });
    const remote = new Remote(values, surroundings);
    const { module, key: own } = originOf(backup, file);
    // The server's own answer.
    const { modules } = JSON.parse(await remote.get("inspect", undefined)) as ModuleList;
    // A backup knows its module as storage does.
    const found = modules.find(({ stored }) => stored === module);
    const key = text(values, "key") ?? namedKey(found?.keys, own);
    const instance: InstanceRef = { module: found?.name ?? module, key };
    const named = [instance.module, instance.key].filter((part) => part !== undefined).join(" ");
    if (values["yes"] !== true) {
      if (!isTerminal) {
        throw new Failure(`This replaces the state of ${named}. Say --yes.`, ExitCode.usage);
      }
      if (!(await confirm(`Replace the state of ${named}?`))) {
        note("Nothing was changed.");
        return ExitCode.failed;
      }
    }
    await remote.import(instance, backup);
    if (values["json"] === true) print(JSON.stringify({ ...instance, imported: true }));
    else note(`The state of ${named} is that of ${file}.`);
    return ExitCode.done;
  },
};

/** What it is of; the server looks at all the rest. */
function originOf(backup: string, file: string): { readonly module: string; readonly key: string } {
  try {
    // Narrowed right below.
    const { holdfast, module, key } = JSON.parse(backup) as Record<string, unknown>;
    if (holdfast === "backup" && typeof module === "string" && typeof key === "string") {
      return { module, key };
    }
  } catch {
    // Said below.
  }
  throw new Failure(`${file} is no backup: it was not made by holdfast export.`);
}

/** The key by which an instance is named, of what stands in its backup. */
function namedKey(keys: string | undefined, own: string): string | undefined {
  if (keys === "global") return undefined;
  // Where keys are derived from the state, sessions have instances as well.
  return keys === "derived" ? own.replace(/^key:/, "") : own;
}
