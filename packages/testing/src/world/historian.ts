import {
  encodeMessage,
  FrameAssembler,
  joinFrame,
  PROTOCOL_VERSION,
  type ServerMessage,
} from "@holdfast/protocol";
import type { Link } from "./link.ts";
import type { Script } from "./step.ts";
import type { World } from "./world.ts";

const HISTORIAN = "historian-------------";

/**
 * What happened before anybody came: many commits of somebody who is gone since, so that the journal
 * is about to do what it does only now and then. He reports his answers as late as he may, so that
 * they are kept; at the very end he comes back and asks for them.
 */
export class Historian {
  /** How many of his actions were done. */
  done = 0;
  readonly #world: World;
  readonly #answers = new Map<number, string>();
  #settled = 0;
  #read = 0;

  constructor(world: World) {
    this.#world = world;
  }

  live({ frames, commitsPerFrame }: Script["past"]): void {
    if (frames === 0) return;
    const { clock, limits } = this.#world;
    const link = this.#connect();
    let seq = 0;
    for (let frame = 0; frame < frames; frame++) {
      const texts = this.#read > 0 ? [encodeMessage({ type: "seen", read: this.#read })] : [];
      this.#read = 0;
      for (let left = Math.min(commitsPerFrame, limits.openSequences); left > 0; left--) {
        seq++;
        this.#settled = Math.max(0, seq - limits.openSequences);
        const order = { client: HISTORIAN, seq, settled: this.#settled, name: "tick" };
        texts.push(encodeMessage({ type: "action", ...order }));
      }
      for (const message of this.#say(link, texts)) {
        if (message.type !== "ack") continue;
        this.done++;
        this.#answers.set(message.seq, encodeMessage(message));
      }
      clock.now += 10_000;
    }
    this.#world.server.receive(link, { type: "close", code: 1000, reason: "", notBefore: 0 });
  }

  /** Every answer that he has not reported is still there, as it was. */
  comeBack(): void {
    if (this.#answers.size === 0) return;
    const told = new Map<number, string>();
    const { server } = this.#world;
    const link = this.#connect((message) => {
      if (message.type === "ack") told.set(message.seq, encodeMessage(message));
    });
    server.receive(link, { type: "close", code: 1000, reason: "", notBefore: 0 });
    for (const [seq, answer] of this.#answers) {
      if (seq > this.#settled && told.get(seq) !== answer) {
        return this.#world.breach(
          `[G2] The stored answer to ${seq} is ${told.get(seq)}, not ${answer}`,
        );
      }
    }
  }

  #connect(listen: (message: ServerMessage) => void = () => undefined): Link {
    const link = this.#world.addLink("historian", "historian");
    this.#world.server.receive(link, { type: "connect" });
    const clients = [{ id: HISTORIAN, settled: this.#settled }];
    const hello = encodeMessage({ type: "hello", protocol: PROTOCOL_VERSION, clients });
    for (const message of this.#say(link, [hello])) listen(message);
    return link;
  }

  /** Sends a frame, and waits for what comes back. */
  #say(link: Link, texts: readonly string[]): ServerMessage[] {
    const { server, clock, limits } = this.#world;
    server.receive(link, { type: "frame", text: joinFrame(texts) });
    server.flushAll();
    const assembler = new FrameAssembler(limits);
    const messages: ServerMessage[] = [];
    while (link.downReady(clock.now)) {
      const item = link.takeDown();
      if (item.type !== "frame") continue;
      messages.push(...assembler.receive(item.text));
      this.#read += item.text.length;
    }
    return messages;
  }
}
