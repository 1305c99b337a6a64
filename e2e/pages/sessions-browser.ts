import { createClient, HoldfastError, persistence } from "@holdfast/client";
import type { App } from "./sessions-app.ts";

// Which server, where it is not the page's own.
const host = new URLSearchParams(location.search).get("host");
const client = createClient<App>({ persistence, ...(host !== null && { host }) });
const handles = {
  draft: client.persistedModule("draft"),
  notes: client.persistedModule("notes"),
};

for (const [name, handle] of Object.entries(handles)) {
  const element = document.querySelector<HTMLElement>(`#${name}`);
  const show = (): void => {
    const { status, pending, state } = handle.getSnapshot();
    if (!element) return;
    Object.assign(element.dataset, { status, pending });
    element.textContent = JSON.stringify(state ?? null);
  };
  handle.subscribe(show);
  show();
}

/** For tests: calls an action, and says what became of it. */
Object.assign(globalThis, {
  act: (name: keyof typeof handles, action: "add" | "login", payload: string | null) =>
    // The tests call what there is.
    (handles[name].actions as Record<string, (payload: unknown) => Promise<unknown>>)
      [action]?.(payload)
      .then(
        () => "done",
        (error: unknown) => (error instanceof HoldfastError ? error.code : String(error)),
      ),
});
