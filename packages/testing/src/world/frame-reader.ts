import { FrameAssembler, type Limits, type ServerMessage } from "@holdfast/protocol";

/** Frames that go to many are read once. */
const KEPT = 16;
const kept = new Map<string, readonly ServerMessage[]>();

/** Reads what goes over one socket, for those who look on. */
export class FrameReader {
  readonly #assembler: FrameAssembler;
  #isAssembling = false;

  constructor(limits?: Limits) {
    this.#assembler = new FrameAssembler(limits);
  }

  /** @throws HoldfastError for what is no frame of a server */
  receive(text: string): readonly ServerMessage[] {
    const before = this.#isAssembling ? undefined : kept.get(text);
    if (before) return before;
    const messages = this.#assembler.receive(text);
    this.#isAssembling = messages.length === 0;
    if (text.startsWith('{"type":"chunk"')) return messages;
    kept.set(text, messages);
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT) break;
      kept.delete(oldest);
    }
    return messages;
  }
}
