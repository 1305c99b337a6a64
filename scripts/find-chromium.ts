import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

/** Shown where a browser is needed and none was found. */
const NO_CHROMIUM = `No Chromium was found, and the browser tests need one.

  Debian, Ubuntu   sudo apt-get install chromium
  macOS            brew install --cask chromium    (Google Chrome is used as well)
  Windows          winget install Hibbiki.Chromium (Google Chrome and Edge are used as well)
  any platform     npx playwright-core install chromium

A browser in another place is named by CHROMIUM_PATH=/path/to/chromium.
`;

/** Flags for a headless Chromium that runs as any user, in any container, and never phones home. */
export const CHROMIUM_FLAGS: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The Chromium to test with; without one, says how to get it and ends the process. */
export function requireChromium(): string {
  const chromium = findChromium();
  if (chromium !== undefined) return chromium;
  console.error(NO_CHROMIUM);
  process.exit(1);
}

/** The Chromium to test with, or undefined. A `CHROMIUM_PATH` that does not exist throws. */
export function findChromium(): string | undefined {
  const named = process.env["CHROMIUM_PATH"];
  if (named !== undefined && named !== "") {
    if (existsSync(named)) return named;
    throw new Error(
      `CHROMIUM_PATH names ${named}, and there is no such file. Correct or unset it.`,
    );
  }
  return [...systemPlaces(), playwrightPlace()].find(
    (path) => path !== undefined && existsSync(path),
  );
}

function systemPlaces(): string[] {
  switch (process.platform) {
    case "darwin":
      return ["/Applications", join(homedir(), "Applications")].flatMap((folder) => [
        join(folder, "Chromium.app/Contents/MacOS/Chromium"),
        join(folder, "Google Chrome.app/Contents/MacOS/Google Chrome"),
        join(folder, "Microsoft Edge.app/Contents/MacOS/Microsoft Edge"),
      ]);
    case "win32":
      return ["PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"]
        .map((name) => process.env[name])
        .filter((folder) => folder !== undefined)
        .flatMap((folder) => [
          join(folder, "Chromium/Application/chrome.exe"),
          join(folder, "Google/Chrome/Application/chrome.exe"),
          join(folder, "Microsoft/Edge/Application/msedge.exe"),
        ]);
    default:
      return ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"].flatMap(
        (name) => ["/usr/bin", ...searchPath()].map((folder) => join(folder, name)),
      );
  }
}

function searchPath(): string[] {
  return (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
}

function playwrightPlace(): string | undefined {
  try {
    return chromium.executablePath();
  } catch {
    // Playwright has no build for this platform; the system's browsers were asked before.
    return undefined;
  }
}
