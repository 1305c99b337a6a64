import { rename, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Command, ExitCode, Failure, text } from "./command.ts";
import { Remote, REMOTE_HELP, REMOTE_OPTIONS } from "./remote.ts";

export const exportCommand: Command = {
  summary: "saves the state of an instance to a file",
  help: `holdfast export <module> [key] [options]

Saves a backup of one instance's state, checksummed, to a file, or prints it.

  --out <file>      where to; default: standard output
  --json            says what was done as JSON (with --out)
${REMOTE_HELP}

Examples:
  holdfast export counter --url https://app.example --out counter.json
  holdfast export chat general > general.json`,
  options: { ...REMOTE_OPTIONS, out: { type: "string" }, json: { type: "boolean" } },
  async run({ values, positionals, surroundings }) {
    const [module, key] = positionals;
    if (module === undefined || positionals.length > 2) {
      throw new Failure(
        "Which instance? Name the module, and the key if it has one.",
        ExitCode.usage,
      );
    }
    const { print, note, cwd } = surroundings;
    const backup = await new Remote(values, surroundings).get("export", { module, key });
    const out = text(values, "out");
    if (out === undefined) {
      print(backup);
      return ExitCode.done;
    }
    const file = resolve(cwd, out);
    // Under another name first: a backup that is there is whole.
    await writeFile(`${file}.part`, backup);
    await rename(`${file}.part`, file);
    const bytes = Buffer.byteLength(backup);
    if (values["json"] === true) print(JSON.stringify({ module, key, file, bytes }));
    else note(`Saved to ${out} (${bytes} bytes).`);
    return ExitCode.done;
  },
};
