import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");
const inFolder = (folder: string): string[] =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name));
const PAGES = [...inFolder("."), ...inFolder("docs"), ...inFolder("docs/design"), "llms.txt"];
/** The address of a link or a picture, and the place on the page that it names. */
const LINK = /\]\((?!https?:)(?<path>[^)#\s]*)(?:#(?<place>[^)]*))?\)/g;

const links = PAGES.flatMap((page) =>
  [...readFileSync(join(ROOT, page), "utf8").matchAll(LINK)].map(({ groups }) => {
    const { path = "", place } = groups ?? {};
    return { page, place, file: path === "" ? page : join(dirname(page), path) };
  }),
);

test("every link of the docs leads to something that is there", () => {
  expect(links.length).toBeGreaterThan(100);
  expect(links.filter(({ file }) => !existsSync(join(ROOT, file)))).toEqual([]);
});

test("and to a heading of it, where it names one", () => {
  const missing = links.filter(
    ({ file, place }) => place !== undefined && !placesOf(file).includes(place),
  );
  expect(missing).toEqual([]);
});

test("every page of the docs is in their index, and in llms.txt", () => {
  const from = (page: string): string[] =>
    links.filter((link) => link.page === page).map(({ file }) => file);
  const pages = inFolder("docs").filter((page) => page !== "docs/README.md");
  for (const index of ["docs/README.md", "llms.txt"]) {
    expect([index, pages.filter((page) => !from(index).includes(page))]).toEqual([index, []]);
  }
});

/** The places of a page that links can name: its headings, as the sites that show them write them. */
function placesOf(file: string): string[] {
  return readFileSync(join(ROOT, file), "utf8")
    .split("\n")
    .filter((line) => /^#+ /.test(line))
    .map((line) =>
      line
        .replace(/^#+ /, "")
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    );
}
