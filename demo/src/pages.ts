import { type ComponentType, lazy } from "react";

/** A page of the demo: a folder of its own, loaded when somebody goes there. */
export interface DemoPage {
  readonly path: string;
  /** As the navigation calls it. */
  readonly name: string;
  /** Fetches its code, once. */
  readonly load: () => Promise<{ readonly default: ComponentType }>;
  /** Suspends until the code is there. */
  readonly Component: ComponentType;
}

/** All pages, in the order of the navigation. A new page is a folder, and an entry here. */
export const PAGES: readonly DemoPage[] = [
  page("/", "Harbour", async () => (await import("./home/home-page.tsx")).HomePage),
  page("/slipway", "Slipway", async () => (await import("./slipway/slipway-page.tsx")).SlipwayPage),
  page("/notes", "Notes", async () => (await import("./notes/notes-page.tsx")).NotesPage),
  page("/todos", "To-dos", async () => (await import("./todos/todos-page.tsx")).TodosPage),
];

/** The page at an address; `undefined`: there is none. */
export function pageAt(path: string): DemoPage | undefined {
  const bare = path.length > 1 ? path.replace(/\/+$/, "") : path;
  return PAGES.find((page) => page.path === bare);
}

function page(path: string, name: string, component: () => Promise<ComponentType>): DemoPage {
  const load = async (): Promise<{ default: ComponentType }> => ({ default: await component() });
  return { path, name, load, Component: lazy(load) };
}
