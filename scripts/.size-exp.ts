import { build } from "esbuild";
import { gzipSync } from "node:zlib";
import { readFileSync } from "node:fs";
const gz = (t: Uint8Array | string) => gzipSync(t, { level: 9 }).byteLength;
const base = {
  stdin: {
    contents: `export { createCoreHooks } from "./packages/client/src/react.ts"`,
    resolveDir: "/tmp/wt-size",
  },
  external: ["react"],
  conditions: ["holdfast-source", "module"],
  bundle: true,
  minify: true,
  write: false as const,
  format: "esm" as const,
  target: "es2022",
  platform: "browser" as const,
  define: { "process.env.NODE_ENV": '"production"' },
  legalComments: "none" as const,
  logLevel: "error" as const,
};
const leave = {
  name: "l",
  setup: (b: any) =>
    b.onResolve({ filter: /./ }, (a: any) =>
      a.kind === "dynamic-import" ? { path: a.path, external: true } : undefined,
    ),
};
const stub = (re: RegExp, contents: string) => ({
  name: "s",
  setup: (b: any) => b.onLoad({ filter: re }, () => ({ contents, loader: "ts" })),
});
const sub = (re: RegExp, f: (s: string) => string) => ({
  name: "s",
  setup: (b: any) =>
    b.onLoad({ filter: re }, (a: any) => ({
      contents: f(readFileSync(a.path, "utf8")),
      loader: "ts",
    })),
});
const all = {
  ...base,
  stdin: {
    ...base.stdin,
    contents: `export { createHooks } from "./packages/client/src/react.ts"`,
  },
};
const run = async (name: string, o: any, plugins: any[] = []) => {
  const r = await build({ ...o, plugins: [leave, ...plugins] });
  console.log(String(gz(r.outputFiles[0].contents)).padStart(6), name);
};
await run("core", base);
await run("all", all);

const cut = (text: string, ...pairs: [string, string][]) => {
  let t = text;
  for (const [from, to] of pairs) {
    const a = t.indexOf(from);
    const b = t.indexOf(to, a + 1);
    if (a < 0 || b < 0) throw new Error(from);
    t = t.slice(0, a) + t.slice(b);
  }
  return t;
};
await run("core, outbox without updates", base, [
  sub(/store\/outbox\.ts/, (s) =>
    cut(
      s.replace("this.#outdate(seq, false)", "0").replace(", this.#barrier()", ""),
      ["  stale({ seq }", "  /** A part of the action"],
      ["  get unsentTail", "  /** The server has it"],
      ["  #barrier(): number", "  #stopWaiting(): void"],
    ),
  ),
]);
await run("core, store+outbox without updates", base, [
  sub(/store\/outbox\.ts/, (s) =>
    cut(
      s.replace("this.#outdate(seq, false)", "0").replace(", this.#barrier()", ""),
      ["  stale({ seq }", "  /** A part of the action"],
      ["  get unsentTail", "  /** The server has it"],
      ["  #barrier(): number", "  #stopWaiting(): void"],
    ),
  ),
  sub(/store\/module-store\.ts/, (s) =>
    cut(
      s
        .replace("for (const outbox of this.#outboxes) outbox.refreshed();", "")
        .replace("reports.push(() => this.#again(jobs));", ""),
      ["  #queue(job", "  /**\n   * The session has moved"],
      ["  update(recipe", "  /** Keeps the page's own"],
    ),
  ),
]);
await run("core, no adoption/keeper", base, [
  sub(/store\/outbox\.ts/, (s) =>
    cut(
      s,
      ["  keepIn(keeper", "  /** How `hello`"],
      ["  adopt(", "  /**\n   * `hello` was answered"],
      ["  leave(): ", "  /** From now on"],
    ),
  ),
  sub(/store\/module-store\.ts/, (s) =>
    cut(s, ["  keepIn(keeper", "  /** What is pending changed"]),
  ),
]);
await run("core, no text session", base, [
  sub(/transport\/session\.ts/, (s) =>
    s
      .replace(
        /    const isText =[\s\S]*?\);\n    if \(!response/,
        "    const response = await this.#answerInTime({});\n    if (!response",
      )
      .replace(
        /    if \(!response\.headers[\s\S]*?\n  \}\n\n  \/\*\* A link/,
        "  }\n\n  /** A link",
      ),
  ),
]);
await run("core, no isCookieless etc", base, []);
await run("core, no principal", base, [
  stub(/transport\/principal\.ts/, "export function namePrincipal(){}"),
]);
await run("core, no close-error", base, [
  stub(
    /transport\/close-error\.ts/,
    "export function closeError(c){return c} export function isDenial(e){return e}",
  ),
]);
await run("core, no copy-container", base, [
  stub(
    /patches\/copy-container\.ts/,
    "export const copyContainer=(c)=>Array.isArray(c)?c.slice():{...c}; export const keysChanged=()=>{}",
  ),
]);
await run("core, no action-promise", base, [
  stub(
    /store\/action-promise\.ts/,
    "export class ActionPromise extends Promise{ifIgnored(){return this}}",
  ),
]);
await run("core, no address", base, [
  stub(/transport\/address\.ts/, "export function addressOf(a){return a}"),
]);
await run("core, no action-caller", base, [
  stub(/action-caller\.ts/, "export function createActions(a){return a}"),
]);
await run("all, no revert", all, [
  stub(/history\/revert\.ts/, "export function revert(a){return a}"),
]);
await run("all, no map-set", all, [
  sub(/store\/recipe\.ts/, (s) => s.replace("enableMapSet();", "")),
]);
await run("all, no lis", all, [
  sub(/array-patches\.ts/, (s) =>
    s.replace(/function longestRise[\s\S]*$/, "function longestRise(p){return p}"),
  ),
]);
