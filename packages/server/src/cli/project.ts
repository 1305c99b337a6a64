import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { type ParseError, parse, printParseErrorCode } from "jsonc-parser";
import type { EntryFacts } from "../config/find-object-classes.ts";
import type { WorkerConfig } from "../config/worker-config.ts";
import { Failure } from "./command.ts";

const CONFIG_FILES = ["wrangler.jsonc", "wrangler.json", "wrangler.toml"];

/** What is read of a Worker's configuration. */
export interface ProjectConfig extends WorkerConfig {
  readonly name?: string;
  readonly compatibility_date?: string;
  readonly define?: Readonly<Record<string, string>>;
  readonly alias?: Readonly<Record<string, string>>;
  /** Configurations of other environments, by name. */
  readonly env?: Readonly<Record<string, { readonly name?: string } | undefined>>;
}

/** A Worker's project, as its files say it is. */
export interface Project {
  readonly folder: string;
  readonly configFile: string;
  /** The configuration as it is written, comments included. */
  readonly configText: string;
  readonly config: ProjectConfig;
  /** The Worker's entry. */
  readonly main: string | undefined;
  /** The text of vite.config, where there is one. */
  readonly viteConfig: string | undefined;
}

/**
 * Reads the project in a folder.
 *
 * @throws Failure where there is none, or it cannot be read
 */
export function readProject(folder: string, given: string | undefined): Project {
  const configFile = given === undefined ? findConfig(folder) : resolve(folder, given);
  if (!existsSync(configFile)) throw new Failure(`${configFile} is not there.`);
  if (configFile.endsWith(".toml")) {
    throw new Failure(
      `${configFile} is TOML, which this command does not edit. Write it as wrangler.jsonc: the names are the same.`,
    );
  }
  const configText = readFileSync(configFile, "utf8");
  const errors: ParseError[] = [];
  // Narrowed where it is used; wrangler checks it all.
  const config = parse(configText, errors, { allowTrailingComma: true }) as ProjectConfig;
  const [error] = errors;
  if (error || typeof config !== "object") {
    const line = configText.slice(0, error?.offset).split("\n").length;
    throw new Failure(
      `${configFile} is not JSON: ${error ? printParseErrorCode(error.error) : "no object"} in line ${line}.`,
    );
  }
  const main = config.main === undefined ? undefined : resolve(dirname(configFile), config.main);
  return {
    folder: dirname(configFile),
    configFile,
    configText,
    config,
    main,
    viteConfig: readViteConfig(dirname(configFile)),
  };
}

/** Whether Vite's plugin writes the configuration that is deployed. */
export function isConfiguredByVite({ viteConfig }: Project): boolean {
  return viteConfig !== undefined && /\bholdfastWorker\s*\(/.test(viteConfig);
}

/**
 * What the Worker's entry says about classes.
 *
 * @throws Failure where it is missing, or no parser is installed
 */
export async function readEntry({ main, configFile }: Project): Promise<EntryFacts> {
  if (main === undefined) {
    throw new Failure(`${configFile} names no entry. Add: "main": "src/worker.ts"`);
  }
  if (!existsSync(main)) throw new Failure(`The entry ${main} is not there. Correct "main".`);
  try {
    const { findObjectClasses } = await import("../config/find-object-classes.ts");
    return findObjectClasses(main, readFileSync(main, "utf8"));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw cause;
    throw new Failure(
      "The entry is read with Vite's parser, which is not installed. Run: npm install --save-dev vite",
      1,
      { cause },
    );
  }
}

/** Where Node would find a package, whatever it exports. */
export function packageFolder(from: string, name: string): string | undefined {
  for (const place of createRequire(join(from, "package.json")).resolve.paths(name) ?? []) {
    const manifest = join(place, name, "package.json");
    if (existsSync(manifest)) return dirname(realpathSync(manifest));
  }
  return undefined;
}

/** The file of a package's program, from the project's own dependencies. */
export function programOf(folder: string, name: string, path: string): string {
  try {
    const manifest = createRequire(join(folder, "package.json")).resolve(`${name}/package.json`);
    return join(dirname(manifest), path);
  } catch (cause) {
    throw new Failure(
      `${name} is not installed in ${folder}. Run: npm install --save-dev ${name}`,
      1,
      { cause },
    );
  }
}

function findConfig(folder: string): string {
  const found = CONFIG_FILES.find((name) => existsSync(join(folder, name)));
  if (found !== undefined) return join(folder, found);
  throw new Failure(
    `There is no wrangler.jsonc in ${folder}. Go to the project's folder, name the file with --config, or begin with holdfast init.`,
  );
}

function readViteConfig(folder: string): string | undefined {
  const name = readdirSync(folder).find((file) => /^vite\.config\.[cm]?[jt]s$/.test(file));
  return name === undefined ? undefined : readFileSync(join(folder, name), "utf8");
}
