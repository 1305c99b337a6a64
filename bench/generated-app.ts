import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "../scripts/run.ts";

export interface GeneratedAppOptions {
  readonly modules: number;
  /** Holdfast as it is published, from `build/`, or as it stands in `packages/`. */
  readonly holdfast: "built" | "sources";
  /** In every component one line that may not compile. */
  readonly mistakes?: boolean;
}

/** An app of so many modules, each with a component that uses it by every hook, in a folder of its own. */
export class GeneratedApp implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** @throws Error where there is no build to be used */
  static async write({
    modules,
    holdfast,
    mistakes = false,
  }: GeneratedAppOptions): Promise<GeneratedApp> {
    const packages = join(ROOT, holdfast === "built" ? "build" : "packages");
    if (!existsSync(join(packages, "client"))) {
      throw new Error("There is no build/client. Run `npm run build` first.");
    }
    const folder = await mkdtemp(join(tmpdir(), "holdfast-app-"));
    const put = async (path: string, text: string): Promise<void> => {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    };
    const link = async (name: string, target: string): Promise<void> => {
      await mkdir(dirname(join(folder, "node_modules", name)), { recursive: true });
      await symlink(target, join(folder, "node_modules", name));
    };
    for (const name of ["client", "server"]) {
      await link(`@holdfast/${name}`, join(packages, name));
    }
    for (const name of ["react", "@types/react", "csstype"]) {
      await link(name, join(ROOT, "node_modules", name));
    }
    const names = Array.from({ length: modules }, (_, index) => `module${index}`);
    for (const [index, name] of names.entries()) {
      await put(`modules/${name}.ts`, moduleText(name, index));
      await put(`components/${name}.tsx`, componentText(name, index, mistakes));
    }
    await put("package.json", `{ "type": "module" }`);
    await put("modules.ts", modulesText(names));
    await put("hooks.ts", HOOKS);
    const customConditions = holdfast === "sources" ? ["holdfast-source"] : [];
    await put(
      "tsconfig.json",
      JSON.stringify({
        ...CONFIG,
        compilerOptions: { ...CONFIG.compilerOptions, customConditions },
      }),
    );
    return new GeneratedApp(folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

const CONFIG = {
  compilerOptions: {
    noEmit: true,
    target: "ES2024",
    module: "NodeNext",
    moduleResolution: "NodeNext",
    lib: [
      "ES2024",
      "ESNext.Iterator",
      "ESNext.Collection",
      "ESNext.Disposable",
      "DOM",
      "DOM.Iterable",
    ],
    jsx: "react-jsx",
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    types: [],
  },
  include: ["**/*.ts", "**/*.tsx"],
};

const HOOKS = `
import { createHooks } from "@holdfast/client/react";
import type { App } from "./modules.ts";

export const { useModule, usePersistedModule, usePresence, useHistory, useEvent, useStatus } = createHooks<App>();
`;

function modulesText(names: readonly string[]): string {
  return `
import type { AppOf } from "@holdfast/server";
${names.map((name) => `import { ${name} } from "./modules/${name}.ts";`).join("\n")}

export const modules = { ${names.join(", ")} };
export type App = AppOf<typeof modules>;
`;
}

/** Every third has one instance for all, the others have keys. */
function isNamed(index: number): boolean {
  return index % 3 !== 0;
}

function moduleText(name: string, index: number): string {
  return `
import { app, durableObjectStore, global, HoldfastError, named } from "@holdfast/server";

export interface Item {
  id: string;
  title: string;
  done: boolean;
  tags: string[];
  due: Date | null;
  place: { x: number; y: number; of${index}: { notes: Map<string, string[]> } };
}

export const ${name} = app
  .defineState({
    items: [] as Item[],
    byId: new Map<string, Item>(),
    total${index}: 0,
    filter: "all" as "all" | "open" | "done",
    settings: { theme: "dark", size: { width: 1, height: 2 }, hidden: new Set<string>() },
  }, { version: 2, migrate: { 2: (old) => ({ ...old }) } })
  .persist(durableObjectStore(${isNamed(index) ? "named()" : "global()"}))
  .clientWrites({ paths: ["items", "filter"] })
  .presence<{ name: string; x: number }>()
  .events<{ added: { id: string }; cleared: number }>()
  .onAction("add", ({ state, randomId, emit }, title: string) => {
    const item: Item = { id: randomId(), title, done: false, tags: [], due: null, place: { x: 0, y: 0, of${index}: { notes: new Map() } } };
    state.items.push(item);
    emit("added", { id: item.id });
    return item;
  })
  .onAction("toggle", ({ state }, { id }: { id: string; at?: Date }) => {
    const found = state.items.find((item) => item.id === id);
    if (!found) throw new HoldfastError("REFUSED", "There is none.");
    found.done = !found.done;
  })
  .onAction("clear", ({ state, emit }) => {
    const before = state.items.length;
    state.items = state.items.filter((item) => !item.done);
    emit("cleared", before - state.items.length);
  })
  .onAction("rename", async ({ state, commit }, { id, title }: { id: string; title: string }) => {
    await commit();
    for (const item of state.items) if (item.id === id) item.title = title;
    return { renamed: state.items.length, at: new Date() };
  })
  .onAction("count", ({ state }, by: number = 1) => (state.total${index} += by))
  .onAction("show", ({ state }, filter: "all" | "open" | "done") => void (state.filter = filter))
  .onAction("resize", ({ state }, size: { width: number; height: number }) => {
    state.settings.size = size;
  })
  .onAction("hide", ({ state }, ids: readonly string[]) => {
    for (const id of ids) state.settings.hidden.add(id);
    return [...state.settings.hidden];
  })
  .build();
`;
}

function componentText(name: string, index: number, mistakes: boolean): string {
  const key = isNamed(index) ? "key: id, " : "";
  const options = isNamed(index) ? ", { key: id }" : "";
  const eventKey = isNamed(index) ? ", id" : "";
  return `
import type { ReactElement } from "react";
import { useEvent, useHistory, useModule, usePersistedModule, usePresence, useStatus } from "../hooks.ts";

export function Page({ id }: { id: string }): ReactElement | null {
  const { state, restored, actions, update, pending } = useModule("${name}", {
    ${key}optimistic: {
      add: (draft, title, { randomId }) => {
        draft.items.push({ id: randomId(), title, done: false, tags: [], due: null, place: { x: 0, y: 0, of${index}: { notes: new Map() } } });
      },
      toggle: (draft, { id: asked }) => {
        for (const item of draft.items) if (item.id === asked) item.done = !item.done;
      },
      count: (draft, by = 1) => (draft.total${index} += by),
      show: (draft, filter) => void (draft.filter = filter),
    },
  });
  const open = useModule("${name}", { ${key}select: (all) => all.items.filter(({ done }) => !done).length });
  const kept = usePersistedModule("${name}", { ${key}version: 2, select: ({ settings }) => settings.size, initialState: { width: 0, height: 0 } });
  const { others, set } = usePresence("${name}"${options});
  const { undo, canUndo } = useHistory("${name}"${options});
  const { status } = useStatus();
  useEvent("${name}", "added", ({ id: added }) => void actions.toggle({ id: added })${eventKey});
  if (!restored) return null;
  ${mistakes ? `void state.total${index}.length;` : ""}
  const rename = async (): Promise<number> => (await actions.rename({ id, title: "new" })).renamed;
  return (
    <section title={status} onPointerMove={({ clientX: x }) => set({ name: id, x })}>
      {state.items.map((item) => (
        <input
          key={item.id}
          value={item.title}
          onChange={({ target }) => void update(({ items }) => {
            const found = items.find((one) => one.id === item.id);
            if (found) found.title = target.value;
          })}
        />
      ))}
      <button disabled={!canUndo} onClick={() => void undo()}>{open.state ?? 0}</button>
      <button onClick={() => void rename()}>{kept.state.width + state.total${index} + pending}</button>
      <button onClick={async () => state.byId.get((await actions.add("one")).id)?.place.of${index}.notes.get("x")?.at(0)}>add</button>
      {others.map(({ id: other, value }) => <i key={other}>{value.name}</i>)}
    </section>
  );
}
`;
}
