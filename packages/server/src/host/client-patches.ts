import {
  formatPath,
  HoldfastError,
  type Limits,
  meet,
  type Patch,
  type PatchMessage,
  type Path,
  type Place,
} from "@holdfast/protocol";
import type { SchemaIssue, StandardSchema } from "../module/standard-schema.ts";
import { raw } from "../state/raw.ts";
import { applyClientPatch } from "./apply-client-patch.ts";
import type { PatchHistory } from "./client-patch-history.ts";
import type { PatchLine } from "./client-patch-line.ts";
import type { Connection } from "./connection.ts";
import type { Sequence, Sequences } from "./sequences.ts";
import { Stale } from "./stale.ts";
import type { View } from "./view/view.ts";

export interface ClientPatchesParts {
  /** Whether the module lets clients write at the place, and so everything that is in it. */
  readonly mayWrite: (path: Path) => boolean;
  /** What the state has to be afterwards. */
  readonly schema: StandardSchema | undefined;
  readonly history: PatchHistory;
  readonly line: PatchLine;
  readonly sequences: Sequences;
  /** What the connection sees of the state: it writes nowhere else. */
  readonly viewOf: (connection: Connection) => View;
  readonly limits: Limits;
}

/** Decides on the patches of clients, and makes them: the work that the one door then commits. */
export class ClientPatches {
  readonly #parts: ClientPatchesParts;

  constructor(parts: ClientPatchesParts) {
    this.#parts = parts;
  }

  /**
   * Makes the patches on tracked state.
   *
   * @throws Stale where they meet what was committed since
   * @throws HoldfastError where they are refused
   */
  run(state: object, message: PatchMessage, sequence: Sequence, connection: Connection): void {
    const { history, line } = this.#parts;
    const { patches } = message;
    this.#checkAllowed(patches, connection);
    const places = history.placesOf(patches);
    if (
      patches.length > 0 &&
      (this.#isStale(message, sequence, places) || line.blocks(sequence, places))
    ) {
      line.join(sequence, places);
      throw new Stale();
    }
    for (const patch of patches) applyClientPatch(state, patch);
    this.#validate(state, connection);
  }

  /**
   * Whether the connection may write at the place, with all that is in it: whether the module lets
   * clients, and nothing there is hidden from this one.
   */
  mayWrite(path: Path, connection: Connection): boolean {
    const { mayWrite, viewOf } = this.#parts;
    return mayWrite(path) && viewOf(connection).seesAllOf(path);
  }

  #checkAllowed(patches: readonly Patch[], connection: Connection): void {
    const { history, limits } = this.#parts;
    if (patches.length > limits.patchesPerClientPatch) {
      throw new HoldfastError(
        "TOO_MANY_WRITES",
        `An update of ${patches.length} patches; ${limits.patchesPerClientPatch} are the most. Make several updates, or an action.`,
      );
    }
    for (const patch of patches) {
      const place = writtenPlace(patch, (path) => history.isArray(path));
      if (this.mayWrite(place, connection)) continue;
      // As it was sent: what stands there, and whether anything does, may be hidden.
      throw new HoldfastError(
        "WRITE_FORBIDDEN",
        `Clients may not write ${formatPath(patch.path)}. Name it in clientWrites({ paths }), or call an action.`,
      );
    }
  }

  #isStale(
    { base, after, settled }: PatchMessage,
    { principal, client, seq }: Sequence,
    places: readonly Place[],
  ): boolean {
    const { history, sequences } = this.#parts;
    if (after >= seq) return true;
    // Made on top of patches of its own that were refused, and it did not know.
    if (after > settled && !sequences.isDone(principal, client, after)) return true;
    const since = history.after(base);
    if (!since) return true;
    return since.some(({ origin, places: touched }) => {
      const isOwn =
        origin?.client === client && origin.principal === principal && origin.seq <= after;
      return !isOwn && meet(touched, places);
    });
  }

  #validate(state: object, connection: Connection): void {
    const schema = this.#parts.schema;
    if (!schema) return;
    const result = schema["~standard"].validate(raw(state));
    if (result instanceof Promise) {
      result.catch(() => undefined);
      throw new Error(
        "The schema of clientWrites() validates asynchronously; it has to be synchronous.",
      );
    }
    const issue = result.issues?.[0];
    if (issue) throw new HoldfastError("INPUT_INVALID", this.#describe(issue, connection));
  }

  #describe({ message, path = [] }: SchemaIssue, connection: Connection): string {
    if (!this.#parts.viewOf(connection).isWhole) {
      return "The update would leave the state invalid.";
    }
    const keys = path.map((part) => (typeof part === "object" ? part.key : part));
    const place = formatPath(keys.filter((key) => typeof key !== "symbol"));
    return `The update would leave the state invalid at ${place}: ${message}`;
  }
}

/** For a module that does not let clients write. */
export function refusePatch(): never {
  throw new HoldfastError(
    "WRITE_FORBIDDEN",
    "This module does not let clients write. Call an action, or define it with .clientWrites().",
  );
}

/** The place that a patch writes: structure belongs to the container that has it. */
function writtenPlace(patch: Patch, isArray: (path: Path) => boolean): Path {
  if (patch.op !== "add" && patch.op !== "remove") return patch.path;
  const container = patch.path.slice(0, -1);
  return typeof patch.path.at(-1) === "number" && isArray(container) ? container : patch.path;
}
