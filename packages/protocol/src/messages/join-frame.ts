/**
 * One frame out of the texts of one or more messages, by concatenation: a commit is encoded once,
 * and the same text is stored and sent to everybody.
 */
export function joinFrame(texts: readonly string[]): string {
  return texts.length === 1 ? String(texts[0]) : `[${texts.join(",")}]`;
}
