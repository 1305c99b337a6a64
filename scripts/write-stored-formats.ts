import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeGallery } from "@holdfast/server/internal/host/stored-formats/gallery.fixture";
import { shapeOf } from "@holdfast/server/internal/host/stored-formats/rows-file.fixture";
import { STORAGE_FORMAT } from "@holdfast/server/internal/storage/tables";
import { ROOT } from "./run.ts";

/*
 * Writes everything that Holdfast stores, as it stores it now, beside the formats before it:
 *
 *   node --conditions=holdfast-source scripts/write-stored-formats.ts [--again]
 *
 * `--again` writes over the files of this format: only where no row looks otherwise than before.
 */
const folder = join(
  ROOT,
  "packages/server/src/host/stored-formats/formats",
  String(STORAGE_FORMAT),
);
const files = await writeGallery();
if (existsSync(folder)) {
  const changed = Object.entries(files).filter(([name, text]) => {
    const path = join(folder, name);
    const isSame = !existsSync(path) || sameShape(readFileSync(path, "utf8"), text);
    return name.endsWith(".jsonl") && !isSame;
  });
  if (!process.argv.includes("--again")) {
    throw new Error(
      `Format ${STORAGE_FORMAT} has its files. Raise STORAGE_FORMAT, or say --again.`,
    );
  }
  if (changed.length > 0) {
    const names = changed.map(([name]) => name).join(", ");
    throw new Error(
      `Rows look otherwise (${names}): that is another format. Raise STORAGE_FORMAT.`,
    );
  }
}
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);

function sameShape(one: string, other: string): boolean {
  return JSON.stringify(shapeOf(one)) === JSON.stringify(shapeOf(other));
}
