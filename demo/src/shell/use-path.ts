import { startTransition, useEffect, useState } from "react";

/** The path in the address. The page that is there stays until the next one is loaded. */
export function usePath(): string {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    const changed = (): void => startTransition(() => setPath(location.pathname));
    addEventListener("popstate", changed);
    return () => removeEventListener("popstate", changed);
  }, []);
  return path;
}

/** Goes to another page without loading the document again. */
export function goTo(path: string): void {
  if (path === location.pathname) return;
  history.pushState(null, "", path);
  dispatchEvent(new PopStateEvent("popstate"));
}
