/** One stretch of a text that was replaced by another. Positions are UTF-16, as in the browser. */
export interface TextEdit {
  readonly at: number;
  readonly removed: number;
  readonly inserted: string;
}

/**
 * What turns one text into the other. Where letters repeat, that may have happened at several places;
 * `caret`, the place of the caret in `after`, tells where it did.
 */
export function editBetween(before: string, after: string, caret: number = after.length): TextEdit {
  const shorter = Math.min(before.length, after.length);
  let tail = 0;
  const longestTail = Math.min(shorter, after.length - caret);
  while (tail < longestTail && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  let at = 0;
  while (at < shorter - tail && before[at] === after[at]) at += 1;
  // A caret at the end says nothing of what stands behind the edit.
  while (tail < shorter - at && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  // Never through the middle of a character.
  if (isInsidePair(before, at) || isInsidePair(after, at)) at -= 1;
  if (isInsidePair(before, before.length - tail) || isInsidePair(after, after.length - tail)) {
    tail -= 1;
  }
  return {
    at,
    removed: before.length - tail - at,
    inserted: after.slice(at, after.length - tail),
  };
}

export function applyEdit(text: string, { at, removed, inserted }: TextEdit): string {
  return text.slice(0, at) + inserted + text.slice(at + removed);
}

/**
 * The same edit, of a text that somebody else has edited meanwhile. What either has written stays,
 * what either has removed is gone, and nothing is removed twice.
 */
export function rebaseEdit(edit: TextEdit, theirs: TextEdit): TextEdit {
  const { at, removed, inserted } = edit;
  const end = at + removed;
  const theirEnd = theirs.at + theirs.removed;
  if (at <= theirs.at && end > theirEnd) {
    // Theirs lies in the middle of what is removed here.
    return {
      at,
      removed: removed - theirs.removed + theirs.inserted.length,
      inserted: inserted + theirs.inserted,
    };
  }
  const begin = moveAlong(at, theirs);
  const endsInTheirs = end > theirs.at && end <= theirEnd;
  const newEnd = endsInTheirs ? theirs.at : moveAlong(end, theirs);
  return { at: begin, removed: Math.max(0, newEnd - begin), inserted };
}

/** Where a place in the text is after the edit; one in what it removed is behind what it inserted. */
export function moveAlong(place: number, { at, removed, inserted }: TextEdit): number {
  if (place <= at) return place;
  return Math.max(place, at + removed) - removed + inserted.length;
}

function isInsidePair(text: string, place: number): boolean {
  return isBetween(text.charCodeAt(place - 1), 0xd800) && isBetween(text.charCodeAt(place), 0xdc00);
}

/** Whether it is one of the 1,024 halves of a character that begin there. */
function isBetween(code: number, begin: number): boolean {
  return code >= begin && code < begin + 0x400;
}
