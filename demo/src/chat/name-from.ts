const QUALITIES = ["Quiet", "Salty", "Drifting", "Patient", "Bright", "Tidal", "Curious", "Brave"];
const CREATURES = ["Limpet", "Otter", "Urchin", "Cormorant", "Whelk", "Seal", "Starfish", "Heron"];

/** A name for somebody who has none yet, out of random hex digits. */
export function nameFrom(digits: string): string {
  const wordOf = (words: readonly string[], digit: string | undefined): string =>
    words[Number.parseInt(digit ?? "0", 16) % words.length] ?? "Some";
  return `${wordOf(QUALITIES, digits[0])} ${wordOf(CREATURES, digits[1])}`;
}
