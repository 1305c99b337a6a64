/** What the pilot says comes a word at a time, as from a model; there is none, and no network. */

/** A question with this word in it is more than the pilot can answer. */
const TOO_MUCH = /kraken/i;
const WORD_MS = 30;

/** Thrown in the middle of an answer. */
class PilotOverboard extends Error {}

/** The words of the answer, one by one, until the signal says that nobody listens any more. */
export async function* pilotWords(question: string, signal: AbortSignal): AsyncGenerator<string> {
  const words = answerTo(question).split(/(?<= )/);
  for (const [index, word] of words.entries()) {
    // oxlint-disable-next-line no-await-in-loop -- One word after the other.
    await new Promise((resolve) => setTimeout(resolve, WORD_MS));
    if (signal.aborted) return;
    if (TOO_MUCH.test(question) && index === 24) throw new PilotOverboard("The pilot is gone.");
    yield word;
  }
}

function answerTo(question: string): string {
  const asked = question.trim().replace(/[?.!]+$/, "");
  return [
    `You ask: ${asked}. Let me see.`,
    ...LEGS.map((leg, index) => `${ORDINALS[index]}, ${leg}`),
    "And if in doubt, wait for the tide. It has never failed to come.",
  ].join("\n\n");
}

const ORDINALS = ["First", "Then", "After that", "By noon", "Towards evening", "At last"];

const LEGS = [
  "leave the mole to port and keep the white light open of the red one. The water is deep there, but the current sets to the north-east for two hours after the turn, so steer a hand's breadth more than the chart tells you.",
  "look for the perch on the Middle Ground. At springs it stands almost dry; at neaps you see its basket only. Pass it close: the bank has moved since it was surveyed, and it has not moved towards the perch.",
  "you will have the wind on the beam. Ease the sheets, put the kettle on, and write the time into the log. What is not in the log has not happened.",
  "the hills behind the bay come together like two hands. Hold that line until the chapel shows, then turn. Others have turned earlier. Their names are on the chapel.",
  "the harbour opens to the south. The ferry leaves at seven and looks at nobody. Let her go first.",
  "drop the anchor in four fathoms, on sand, and give it five times as much chain. Then look back at the way you have come: it looks shorter than it was.",
];
