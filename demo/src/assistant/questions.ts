export const LONGEST_QUESTION = 120;

/** To begin with; the last one is too much for the pilot. */
export const QUESTIONS: readonly string[] = [
  "How do I get home from here?",
  "Where is the water deep?",
  "What about the kraken?",
];
