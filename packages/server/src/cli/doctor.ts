import { type Command, ExitCode, text } from "./command.ts";
import { examine } from "./examine.ts";
import type { Finding } from "./finding.ts";
import { readProject } from "./project.ts";

const MARKS: Readonly<Record<Finding["level"], string>> = { ok: "✓", warning: "!", error: "✗" };

export const doctor: Command = {
  summary: "looks for the usual mistakes, and says how to mend each",
  help: `holdfast doctor [options]

Looks at a project: the classes that have to be exported, their registration, the compatibility date
and flags, the secret, copies of workerd, decorators that nothing lowers. Its modules are read by
running the Worker's code as far as a Worker runs it to start; nothing is served.

  --config <file>   default: wrangler.jsonc
  --json            as JSON

Exit code 1 where something is wrong; warnings alone are none.

Examples:
  holdfast doctor
  holdfast doctor --json`,
  options: { config: { type: "string" }, json: { type: "boolean" } },
  async run({ values, surroundings: { cwd, print, progress } }) {
    progress("Reading the app …");
    const findings = await examine(readProject(cwd, text(values, "config")));
    const isWell = findings.every(({ level }) => level !== "error");
    if (values["json"] === true) print(JSON.stringify({ isWell, findings }));
    else for (const finding of findings) for (const line of linesOf(finding)) print(line);
    return isWell ? ExitCode.done : ExitCode.failed;
  },
};

function linesOf({ level, what, mend }: Finding): string[] {
  return [`${MARKS[level]} ${what}`, ...(mend === undefined ? [] : [`    ${mend}`])];
}
