import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import type * as holdfast from "@holdfast/client";
import type { SkewBoardHandle, SkewBuild, SkewState } from "@holdfast/testing/skew/builds";
import { build } from "esbuild";
import type { BrowserContext, Page } from "playwright-core";

const DOCUMENT = `<!doctype html><link rel="icon" href="data:,"><title>page</title><script type="module">
  import { createClient, optimism, persistence } from "./client.mjs";
  Object.assign(globalThis, { createClient, optimism, persistence });
</script>`;

/** Of the board that all tabs show. */
export const KEY = "kept";

export interface SkewTabOptions {
  /** The version of the state that its code was written for; any, if absent. */
  readonly version?: number;
}

/** What a tab shows of its board. */
interface Shown extends Partial<Content> {
  readonly status: string;
  readonly pending: number;
  /** The code of what ended it. */
  readonly error: string | undefined;
}

/** Each item has a random id among its marks; features are what only updates write to. */
type Content = Pick<SkewState, "count" | "items" | "features">;

/** What stands in a tab. */
interface Opened {
  readonly board: SkewBoardHandle;
  readonly actions: ReturnType<SkewBoardHandle["optimistic"]>;
  /** What was refused, and nobody waited for. */
  readonly rejections: string[];
  /** Every count that it ever showed. */
  readonly counts: (number | undefined)[];
}

/** One tab of a browser, with a client of some age that keeps what it has. */
export class SkewTab {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  /** @param url of a server that answers with `servePages` */
  static async open(
    context: BrowserContext,
    url: string,
    { name }: SkewBuild,
    options: SkewTabOptions = {},
  ): Promise<SkewTab> {
    const page = await context.newPage();
    await page.goto(`${url}/${name}/`);
    await page.evaluate(
      ([key, persisted]) => {
        // True because the page's script has put it there, whatever its age.
        const { createClient, optimism, persistence } = globalThis as unknown as typeof holdfast;
        const rejections: string[] = [];
        const client = createClient({
          optimism,
          persistence,
          warnBeforeUnload: false,
          onRejected: ({ action, error }) => void rejections.push(`${action}: ${error.code}`),
        });
        // True because every build has it, and the app has such a module.
        const board = (
          client as unknown as {
            persistedModule(name: string, key: string, options: object): SkewBoardHandle;
          }
        ).persistedModule("board", key, persisted);
        const counts: (number | undefined)[] = [];
        board.subscribe(() => void counts.push(board.getSnapshot().state?.count));
        const actions = board.optimistic(() => ({
          add: (draft, by: number) => void (draft.count += by),
          insert: (draft, id: number, { randomId }) =>
            void draft.items.unshift({ id, marks: [randomId()] }),
        }));
        Object.assign(globalThis, { board, actions, rejections, counts } satisfies Opened);
      },
      [KEY, options] as const,
    );
    return new SkewTab(page);
  }

  shown(): Promise<Shown> {
    return this.page.evaluate(() => {
      const { state, status, pending, error } = (
        globalThis as unknown as Opened
      ).board.getSnapshot();
      const content = state && {
        count: state.count,
        items: state.items,
        features: state.features,
      };
      return { status, pending, error: error?.code, ...content };
    });
  }

  /** @throws Error while it shows nothing */
  async content(): Promise<Content> {
    const { count, items, features } = await this.shown();
    if (count === undefined || !items || !features) throw new Error("The tab shows nothing.");
    return { count, items, features };
  }

  rejections(): Promise<string[]> {
    return this.page.evaluate(() => (globalThis as unknown as Opened).rejections);
  }

  counts(): Promise<(number | undefined)[]> {
    return this.page.evaluate(() => (globalThis as unknown as Opened).counts);
  }

  /** Resolves when it is done. */
  async add(by: number): Promise<void> {
    await this.page.evaluate((by) => (globalThis as unknown as Opened).actions["add"]?.(by), by);
  }

  /** Nobody waits for any of it: two actions and an update. */
  async queue(by: number): Promise<void> {
    await this.page.evaluate((by) => {
      const { board, actions } = globalThis as unknown as Opened;
      const work = [
        actions["add"]?.(by),
        actions["insert"]?.(by),
        board.update((draft) => void draft.features.push(`update ${by}`)),
      ];
      for (const one of work) one?.catch(() => undefined);
    }, by);
  }

  /** As if the network were back: it does not wait for the time of its next attempt. */
  async hurry(): Promise<void> {
    await this.page.evaluate(() => void globalThis.dispatchEvent(new Event("online")));
  }

  /** The tab's process dies in the middle of what it does. */
  async crash(): Promise<void> {
    const crashed = this.page.waitForEvent("crash");
    const session = await this.page.context().newCDPSession(this.page);
    // Never answered: who would.
    session.send("Page.crash").catch(() => undefined);
    await crashed;
    await this.page.close();
  }
}

/** Answers with the page of a build, and with its client. */
export async function servePages(
  builds: readonly SkewBuild[],
): Promise<(path: string, answer: ServerResponse) => void> {
  const clients = new Map<string, string>();
  for (const one of builds) clients.set(`/${one.name}/client.mjs`, await bundle(one));
  return (path, answer) => {
    const client = clients.get(path);
    answer.setHeader("Content-Type", client === undefined ? "text/html" : "text/javascript");
    answer.end(client ?? DOCUMENT);
  };
}

async function bundle({ bundle: file }: SkewBuild): Promise<string> {
  if (file !== undefined) return readFile(file, "utf8");
  const { outputFiles } = await build({
    stdin: { contents: `export * from "@holdfast/client";`, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    format: "esm",
    conditions: ["holdfast-source"],
    define: { "process.env.NODE_ENV": '"production"' },
  });
  return outputFiles[0]?.text ?? "";
}
