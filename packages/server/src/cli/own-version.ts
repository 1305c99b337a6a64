import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const MANIFEST = fileURLToPath(new URL("../../package.json", import.meta.url));

/** The version of this package. */
export function ownVersion(): string {
  // The package's own manifest.
  const { version } = JSON.parse(readFileSync(MANIFEST, "utf8")) as { version: string };
  return version;
}
