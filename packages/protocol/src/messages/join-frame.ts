/**
 * One frame out of the texts of one or more messages, by concatenation: a commit is encoded once,
 * and the same text is stored and sent to everybody.
 */
export function joinFrame(texts: readonly string[]): string {
  const [first, second] = texts;
  if (texts.length === 1) return String(first);
  // A commit and its answer, the commonest frame of all: joining is the dearer way for so few.
  return texts.length === 2 ? `[${first},${second}]` : `[${texts.join(",")}]`;
}
