import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");
const PAGES = [
  "README.md",
  ...readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
/** A code block, with the file that it is from in a comment above it. */
const SNIPPET = /<!-- (?<file>docs\/examples\/\S+) -->\n+```tsx?\n(?<code>[^]*?)```/g;

const snippets = PAGES.flatMap((page) => {
  const text = readFileSync(join(ROOT, page), "utf8");
  return [...text.matchAll(SNIPPET)].map(({ groups }) => ({
    page,
    file: groups?.["file"] ?? "",
    code: groups?.["code"] ?? "",
  }));
});

test("the pages have snippets", () => {
  expect(snippets.length).toBeGreaterThan(0);
});

test.each(snippets)("what $page shows of $file is compiled, word for word", ({ file, code }) => {
  expect(readFileSync(join(ROOT, file), "utf8")).toContain(code);
});
