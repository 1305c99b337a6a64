import { decodeValue } from "@holdfast/protocol";

/** An action as it is kept. */
export interface ActionRow {
  readonly client: string;
  readonly seq: number;
  readonly name: string;
  /** As encoded; absent: the action has none. */
  readonly payload?: string;
  /** When it was dispatched, in milliseconds since 1970. */
  readonly at: number;
  /** One before it was not answered yet. */
  readonly isAnswered?: boolean;
}

/** Whether it is what this code keeps: another version may have left it, or an accident. */
export function isActionRow(row: unknown): row is ActionRow {
  const { client, seq, name, payload, at }: { readonly [Name in keyof ActionRow]?: unknown } =
    Object(row);
  if (typeof client !== "string" || typeof name !== "string" || typeof at !== "number")
    return false;
  return Number.isSafeInteger(seq) && (payload === undefined || isEncoded(payload));
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

/**
 * The actions of one client that can be sent: from the first one on, as far as none is missing, since
 * a server takes none that leaves one out. The others are lost.
 *
 * @param rows in the order of their sequences
 */
export function splitAtHole(rows: readonly unknown[]): {
  readonly whole: readonly ActionRow[];
  readonly lost: readonly ActionRow[];
} {
  const whole: ActionRow[] = [];
  const lost: ActionRow[] = [];
  let isWhole = true;
  for (const row of rows) {
    if (!isActionRow(row)) {
      isWhole = false;
      continue;
    }
    const last = whole.at(-1);
    isWhole &&= last === undefined || row.seq === last.seq + 1;
    (isWhole ? whole : lost).push(row);
  }
  return { whole, lost };
}
