import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { CloseCode } from "./close-codes.ts";
import { TYPED_ARRAYS } from "./codec/kind-of.ts";
import { BIGINT_CHARACTERS } from "./codec/to-json.ts";
import { ERROR_CODES } from "./errors.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { CLIENT_SHAPES } from "./messages/client-message.ts";
import { PING_FRAME, PONG_FRAME } from "./messages/ping.ts";
import { SERVER_SHAPES } from "./messages/server-message.ts";
import { PATCH_SHAPES } from "./schema/patch-shapes.ts";
import { OLDEST_PROTOCOL, PROTOCOL_VERSION } from "./version.ts";

const PACKAGES = fileURLToPath(new URL("../..", import.meta.url));
const PAGE = readFileSync(new URL("../../../docs/protocol.md", import.meta.url), "utf8");
const RULES = [...PAGE.matchAll(/^- \*\*(P\d+)\*\*/gm)].map(([, rule]) => rule);

/** The cells of the table whose first column has this heading. */
function table(heading: string): string[][] {
  const lines = PAGE.split("\n");
  const start = lines.findIndex((line) => line.replaceAll(" ", "").startsWith(`|${heading}|`));
  const rows: string[][] = [];
  for (const line of lines.slice(start + 2)) {
    if (!line.startsWith("|")) break;
    rows.push(
      line
        .slice(1, -1)
        .split("|")
        .map((cell) => cell.trim()),
    );
  }
  return rows;
}

const code = (cell: string | undefined) => cell?.replaceAll("`", "");

/** The texts of all tests, of every package. */
function testTexts(): string {
  return readdirSync(PACKAGES, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(test|contract)\.tsx?$/.test(name) && !name.includes("node_modules"))
    .map((name) => readFileSync(join(PACKAGES, name), "utf8"))
    .join("\n");
}

describe("docs/protocol.md", () => {
  test("numbers each rule once, upwards", () => {
    const numbers = RULES.map((rule) => Number(rule?.slice(1)));
    expect(numbers.length).toBeGreaterThan(40);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });

  test("has every rule that a test or a rule cites, and a test of each", () => {
    const tested = new Set([...testTexts().matchAll(/\[(P\d+)\]/g)].map(([, rule]) => rule));
    const mentioned = [...PAGE.matchAll(/\((P\d+)[) ]/g)].map(([, rule]) => rule);
    expect([...tested, ...mentioned].filter((rule) => !RULES.includes(rule))).toEqual([]);
    expect(RULES.filter((rule) => !tested.has(rule))).toEqual([]);
  });

  test("lists every error code, and no other", () => {
    expect(table("code").map(([cell]) => code(cell))).toEqual(Object.keys(ERROR_CODES));
  });

  test("lists every limit with its value", () => {
    const listed = table("limit").map(([name, value]) => [code(name), value]);
    expect(listed.length).toBe(Object.keys(DEFAULT_LIMITS).length);
    expect(Object.fromEntries(listed)).toEqual(
      Object.fromEntries(
        Object.entries(DEFAULT_LIMITS).map(([name, value]: [string, number]) => [
          name,
          value.toLocaleString("en-US"),
        ]),
      ),
    );
  });

  test("lists every close code with its name", () => {
    expect(table("close").map(([number, name]) => [code(name), Number(number)])).toEqual(
      Object.entries(CloseCode),
    );
  });

  test("lists every operation of patches", () => {
    const operations = table("patch").map(
      ([cell]) => JSON.stringify(cell).match(/\[\\"(\w+)/)?.[1],
    );
    expect(operations).toEqual(Object.keys(PATCH_SHAPES));
  });

  test("speaks of every message, every typed array, and of the numbers and literals as they are", () => {
    for (const type of [...Object.keys(CLIENT_SHAPES), ...Object.keys(SERVER_SHAPES)]) {
      expect(PAGE).toMatch(new RegExp(`\`${type}\\b`));
    }
    for (const name of Object.keys(TYPED_ARRAYS)) expect(PAGE).toContain(`\`${name}\``);
    expect(PAGE).toContain(`version ${PROTOCOL_VERSION}`);
    expect(PAGE).toContain(`from ${OLDEST_PROTOCOL} on`);
    expect(PAGE).toContain(`\`${PING_FRAME}\``);
    expect(PAGE).toContain(`\`${PONG_FRAME}\``);
    expect(PAGE).toContain(`${BIGINT_CHARACTERS.toLocaleString("en-US")} characters`);
    const [, most] = /at most (\d+), each once/.exec(PAGE) ?? [];
    expect(CLIENT_SHAPES.hello.clients[1]).toBe(Number(most));
  });
});
