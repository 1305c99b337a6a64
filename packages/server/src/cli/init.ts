import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Command, ExitCode, Failure, text } from "./command.ts";
import { ownVersion } from "./own-version.ts";

const TEMPLATES = fileURLToPath(new URL("../../templates/", import.meta.url));
const KINDS = ["react", "preact"];

export const init: Command = {
  summary: "writes a small app that works, to begin with",
  help: `holdfast init [folder] [options]

Writes a small app: a list that everybody sees and edits, its Worker, its page, its test.

  --template <name>  ${KINDS.join(" or ")}; default: react
  --name <name>      of the app and its Worker; default: the folder's
  --json             says what was done as JSON

Examples:
  holdfast init my-app
  holdfast init my-app --template preact`,
  options: {
    template: { type: "string" },
    name: { type: "string" },
    json: { type: "boolean" },
  },
  async run({ values, positionals, surroundings: { cwd, print, note } }) {
    if (positionals.length > 1) throw new Failure("One folder at a time.", ExitCode.usage);
    const folder = resolve(cwd, positionals[0] ?? ".");
    const template = text(values, "template") ?? "react";
    if (!KINDS.includes(template)) {
      throw new Failure(
        `There is no template "${template}": ${KINDS.join(" or ")}.`,
        ExitCode.usage,
      );
    }
    const name = text(values, "name") ?? nameFrom(basename(folder));
    if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) {
      throw new Failure(
        `"${name}" cannot be the name of a Worker: small letters, digits and hyphens. Give one with --name.`,
        ExitCode.usage,
      );
    }
    mkdirSync(folder, { recursive: true });
    const others = readdirSync(folder).filter((file) => file !== ".git");
    if (others.length > 0) {
      throw new Failure(`${folder} is not empty (${others[0]}). Name a new folder.`);
    }
    const files = write(folder, template, name);
    if (values["json"] === true) print(JSON.stringify({ folder, template, name, files }));
    else for (const line of nextSteps(positionals[0])) note(line);
    return ExitCode.done;
  },
};

function write(folder: string, template: string, name: string): string[] {
  cpSync(join(TEMPLATES, "shared"), folder, { recursive: true });
  cpSync(join(TEMPLATES, template), folder, { recursive: true });
  // npm leaves out files of its own name for this when it packs.
  renameSync(join(folder, "gitignore"), join(folder, ".gitignore"));
  const version = ownVersion();
  for (const file of ["package.json", "wrangler.jsonc", "index.html", "README.md"]) {
    const path = join(folder, file);
    const filled = readFileSync(path, "utf8")
      .replaceAll("holdfast-app", name)
      .replaceAll("0.0.0-holdfast", `^${version}`);
    writeFileSync(path, filled);
  }
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((file) => existsSync(join(folder, file)))
    .toSorted();
}

/** A folder may be called anything; a Worker not. */
function nameFrom(folder: string): string {
  return folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
}

function nextSteps(folder: string | undefined): string[] {
  return [
    "Written. Next:",
    ...(folder === undefined ? [] : [`  cd ${folder}`]),
    "  npm install",
    "  npm test          the app's own test",
    "  npm run dev       open the address in two windows",
    "  npm run deploy    to Cloudflare; or npm start, on a machine of your own",
  ];
}
