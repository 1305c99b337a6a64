import { type ClientLimits, decodePatches, decodeValue } from "@holdfast/protocol";

/** An action as it is kept. */
export interface ActionRow {
  readonly client: string;
  readonly seq: number;
  readonly name: string;
  /** As encoded; absent: the action has none. */
  readonly payload?: string;
  /** It is no action, but the patches of an \`update\`, which are its payload. */
  readonly patch?: { readonly base: number; readonly after: number };
  /** When it was dispatched, in milliseconds since 1970. */
  readonly at: number;
  /** Where the key is derived from the state: how often the session had moved. */
  readonly generation?: number;
  /** One before it was not answered yet. */
  readonly isAnswered?: boolean;
}

/** Whether it is what this code keeps: another version may have left it, or an accident. */
export function isActionRow(row: unknown): row is ActionRow {
  const {
    client,
    seq,
    name,
    payload,
    patch,
    at,
  }: { readonly [Name in keyof ActionRow]?: unknown } = Object(row);
  if (typeof client !== "string" || typeof name !== "string" || typeof at !== "number")
    return false;
  if (patch !== undefined && !isPatch(patch)) return false;
  return Number.isSafeInteger(seq) && (payload === undefined || isEncoded(payload));
}

function isPatch(patch: unknown): boolean {
  const { base, after }: { readonly base?: unknown; readonly after?: unknown } = Object(patch);
  return Number.isSafeInteger(base) && Number.isSafeInteger(after);
}

/** Those of an update can be read; an action has none. */
function hasPatches({ patch, payload = "" }: ActionRow, limits: ClientLimits): boolean {
  if (!patch) return true;
  try {
    decodePatches(payload, limits);
    return true;
  } catch {
    return false;
  }
}

function isEncoded(payload: unknown): boolean {
  if (typeof payload !== "string") return false;
  try {
    decodeValue(payload);
    return true;
  } catch {
    return false;
  }
}

/** What a page has left behind, sorted by what is to be done with it. */
export interface Legacy {
  /** To be sent: one run of sequences. */
  readonly open: readonly ActionRow[];
  /** Never to be sent, and nobody will hear of them. */
  readonly lost: readonly ActionRow[];
}

/** The server keeps answers so long (DESIGN 5): an older action may have been done or not. */
const ANSWERS_KEPT_MS = 30 * 24 * 60 * 60 * 1000;

/** How often the session had moved when a page was there; `undefined`: that page did not know. */
export function generationOf(rows: readonly unknown[]): number | undefined {
  return rows.filter(isActionRow).find(({ generation }) => generation !== undefined)?.generation;
}

/**
 * Sorts the rows of one client. Lost are those before an action that is too old, and those behind one
 * that is missing or damaged, an update with patches that are none among them: a server takes no sequence before those that it lacks.
 *
 * @param rows in the order of their sequences
 */
export function sortLegacy(rows: readonly unknown[], now: number, limits: ClientLimits): Legacy {
  const open: ActionRow[] = [];
  const lost: ActionRow[] = [];
  let isWhole = true;
  for (const row of rows) {
    const last = open.at(-1);
    isWhole &&=
      isActionRow(row) &&
      hasPatches(row, limits) &&
      (last === undefined || row.seq === last.seq + 1);
    if (isActionRow(row)) (isWhole ? open : lost).push(row);
  }
  const begin = 1 + open.findLastIndex(({ at }) => at < now - ANSWERS_KEPT_MS);
  const expired = open.splice(0, begin).filter(({ isAnswered }) => !isAnswered);
  return { open, lost: [...expired, ...lost] };
}
