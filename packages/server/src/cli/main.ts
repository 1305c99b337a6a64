import { parseArgs } from "node:util";
import { type Command, ExitCode, Failure, type Surroundings } from "./command.ts";
import { deploy } from "./deploy.ts";
import { doctor } from "./doctor.ts";
import { exportCommand } from "./export.ts";
import { importCommand } from "./import.ts";
import { init } from "./init.ts";
import { inspect } from "./inspect.ts";
import { ownVersion } from "./own-version.ts";

const COMMANDS: Readonly<Record<string, Command>> = {
  init,
  doctor,
  deploy,
  inspect,
  export: exportCommand,
  import: importCommand,
};

/** `holdfast <command>`. Resolves to the exit code; never rejects. */
export async function main(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    surroundings.print(overview());
    return name === undefined ? ExitCode.usage : ExitCode.done;
  }
  if (name === "--version" || name === "-v") {
    surroundings.print(ownVersion());
    return ExitCode.done;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    surroundings.note(`There is no command "${name}".\n\n${overview()}`);
    return ExitCode.usage;
  }
  if (rest.includes("--help") || rest.includes("-h")) {
    surroundings.print(command.help);
    return ExitCode.done;
  }
  const isJson = rest.includes("--json");
  try {
    const { values, positionals } = parse(command, rest);
    return await command.run({ values, positionals, surroundings });
  } catch (error) {
    const { message, exitCode } = asFailure(error);
    if (isJson) surroundings.print(JSON.stringify({ error: message }));
    surroundings.note(message);
    if (exitCode === ExitCode.usage) surroundings.note(`See: holdfast ${name} --help`);
    return exitCode;
  }
}

function parse(command: Command, args: readonly string[]): ReturnType<typeof parseArgs> {
  try {
    return parseArgs({ args: [...args], options: command.options, allowPositionals: true });
  } catch (error) {
    throw new Failure(error instanceof Error ? error.message : String(error), ExitCode.usage);
  }
}

function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  return new Failure(error instanceof Error ? error.message : String(error));
}

function overview(): string {
  const width = Math.max(...Object.keys(COMMANDS).map(({ length }) => length));
  const list = Object.entries(COMMANDS).map(
    ([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`,
  );
  return `holdfast <command> [options]

${list.join("\n")}

  holdfast <command> --help   options and examples
  holdfast --version          the version of @holdfast/server

Exit codes: 0 done, 1 not done or problems found, 2 called in a wrong way.`;
}
