import { Panel } from "./panel.ts";
import { STYLE } from "./style.ts";
import { Watch } from "./watch.ts";

/** How the devtools begin. */
export interface DevtoolsOptions {
  /** Whether the panel is open at first. Default: `false`, a button in the corner. */
  readonly open?: boolean;
}

/** What is on the page, and how many have asked for it. */
let mounted: { readonly remove: () => void; users: number } | undefined;

/**
 * Puts the devtools on the page, for all clients of it: in a shadow root of their own, so that
 * neither their looks nor the page's reach the other. There is one panel, however many ask for it.
 *
 * @returns a function that takes them away, unless somebody else has asked for them
 *
 * @example
 * if (import.meta.env.DEV) mountDevtools();
 */
export function mountDevtools({ open = false }: DevtoolsOptions = {}): () => void {
  mounted ??= { remove: put(open), users: 0 };
  mounted.users++;
  let isWanted = true;
  return () => {
    if (!isWanted || !mounted) return;
    isWanted = false;
    mounted.users--;
    if (mounted.users > 0) return;
    mounted.remove();
    mounted = undefined;
  };
}

function put(isOpen: boolean): () => void {
  const host = document.createElement("holdfast-devtools");
  const root = host.attachShadow({ mode: "open" });
  addStyle(root);
  let isDue = false;
  const watch = new Watch(() => {
    if (isDue) return;
    isDue = true;
    // Many frames may come before the next picture.
    requestAnimationFrame(() => {
      isDue = false;
      if (host.isConnected) panel.refresh();
    });
  });
  const panel = new Panel(watch, isOpen);
  root.append(panel.element);
  document.body.append(host);
  return () => {
    watch.stop();
    panel.end();
    host.remove();
  };
}

/** As a sheet of its own, which a page that allows no inline styles allows. */
function addStyle(root: ShadowRoot): void {
  if ("replaceSync" in CSSStyleSheet.prototype) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
  } else {
    const style = document.createElement("style");
    style.textContent = STYLE;
    root.append(style);
  }
}
