import { HoldfastError, type ValueObject } from "@holdfast/protocol";
import type { ModuleDefinition } from "../../module/definition.ts";
import {
  ANY,
  parsePattern,
  type PathPattern,
  type PatternSegment,
} from "../../module/path-pattern.ts";
import type { ViewRules } from "../../module/view.ts";
import type { Connection } from "../connection.ts";
import { schemaId } from "../schema-id.ts";
import { prune } from "./prune.ts";
import { viewerOf } from "./viewer-of.ts";
import { View } from "./view.ts";
import { rootPlace, SHOWN } from "./view-place.ts";

/** Who sees what. Connections with equal rules have one view, and what is encoded for it. */
export class Views {
  readonly #module: ModuleDefinition;
  /** For a module that hides nothing. */
  readonly #whole: View | undefined;
  readonly #byRules = new Map<string, { readonly view: View; readonly viewers: Set<Connection> }>();
  readonly #rules = new Map<Connection, string>();

  constructor(module: ModuleDefinition) {
    this.#module = module;
    const hidesNothing = !module.view && module.private.length === 0;
    this.#whole = hidesNothing
      ? new View(schemaId(module.version, module.initial), SHOWN)
      : undefined;
  }

  /** Nobody's view hides anything, ever. */
  get areWhole(): boolean {
    return this.#whole !== undefined;
  }

  /**
   * What the connection sees, as it was said when it was first asked for.
   *
   * @throws HoldfastError `DEFINITION_INVALID` when the module's own view fails
   */
  of(connection: Connection): View {
    if (this.#whole) return this.#whole;
    const rules = this.#rules.get(connection);
    const known = rules === undefined ? undefined : this.#byRules.get(rules)?.view;
    return known ?? this.#ask(connection);
  }

  /** Its user or meta has changed: it is asked again what it sees. */
  forget(connection: Connection): void {
    const rules = this.#rules.get(connection);
    if (rules === undefined) return;
    this.#rules.delete(connection);
    const shared = this.#byRules.get(rules);
    shared?.viewers.delete(connection);
    if (shared?.viewers.size === 0) this.#byRules.delete(rules);
  }

  #ask(connection: Connection): View {
    const { hide, show } = this.#rulesFor(connection);
    const secret = this.#module.private;
    const rules = JSON.stringify([canonical(hide), canonical(show), [...secret].sort()]);
    let shared = this.#byRules.get(rules);
    if (!shared) {
      const { version, initial } = this.#module;
      const root = rootPlace({ hide, show, secret: new Set(secret) });
      // True because an object is pruned to an object.
      const seen = prune(initial, root) as ValueObject;
      const view = new View(schemaId(version, seen, rules), root);
      this.#byRules.set(rules, (shared = { view, viewers: new Set() }));
    }
    shared.viewers.add(connection);
    this.#rules.set(connection, rules);
    return shared.view;
  }

  #rulesFor(connection: Connection): Record<keyof ViewRules, (readonly PatternSegment[])[]> {
    const { view } = this.#module;
    if (!view) return { hide: [], show: [] };
    const viewer = viewerOf(connection.meta);
    try {
      const { hide = [], show = [] } = view(viewer);
      for (const pattern of show) refuseWild(pattern, { ...viewer.user, ...viewer.meta });
      return { hide: hide.map(parsePattern), show: show.map(parsePattern) };
    } catch (cause) {
      throw new HoldfastError(
        "DEFINITION_INVALID",
        "The server could not say what this connection may see, so it sees nothing. The server's log says why.",
        { cause },
      );
    }
  }
}

/**
 * Users choose names. One that is called `*`, or `a.b`, must not see by it what others see.
 *
 * @throws HoldfastError `DEFINITION_INVALID`
 */
function refuseWild(pattern: PathPattern, viewer: Readonly<Record<string, unknown>>): void {
  if (typeof pattern !== "string") return;
  for (const [field, text] of Object.entries(viewer)) {
    if (typeof text !== "string" || !/[.*]/.test(text) || !pattern.includes(text)) continue;
    throw new HoldfastError(
      "DEFINITION_INVALID",
      `A view shows "${pattern}", which holds the viewer's own "${field}" with a dot or star in it; these mean something in a pattern. Write the pattern as a list: ["hands", viewer.user.id].`,
    );
  }
}

/** Equal for rules that mean the same, in whatever order they were given. */
function canonical(patterns: readonly (readonly PatternSegment[])[]): string[] {
  const texts = patterns.map((pattern) =>
    JSON.stringify(
      pattern.map((segment) =>
        segment === ANY ? "*" : [typeof segment.key, keyText(segment.key), segment.isText ? 1 : 0],
      ),
    ),
  );
  return [...new Set(texts)].sort();
}

/** Tells every key of one type from every other. */
function keyText(key: unknown): string {
  return Object.is(key, -0) ? "0" : String(key);
}
