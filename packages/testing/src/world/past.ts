import { encodeMessage, FrameAssembler, joinFrame, PROTOCOL_VERSION } from "@holdfast/protocol";
import type { Script } from "./step.ts";
import type { World } from "./world.ts";

const HISTORIAN = "historian-------------";

/**
 * What happened before anybody came: many commits of somebody who is gone since, so that the journal
 * is about to do what it does only now and then.
 *
 * @returns how many actions were done
 */
export function livePast(world: World, { frames, commitsPerFrame }: Script["past"]): number {
  if (frames === 0) return 0;
  const { server, limits } = world;
  const link = world.addLink("historian", "historian");
  const assembler = new FrameAssembler(limits);
  let done = 0;
  let seq = 0;
  const say = (texts: readonly string[]): void => {
    server.receive(link, { type: "frame", text: joinFrame(texts) });
    while (server.holds) server.flush();
    while (link.downReady(world.clock.now)) {
      const item = link.takeDown();
      if (item.type !== "frame") continue;
      done += assembler.receive(item.text).filter(({ type }) => type === "ack").length;
    }
  };
  server.receive(link, { type: "connect" });
  say([
    encodeMessage({
      type: "hello",
      protocol: PROTOCOL_VERSION,
      clients: [{ id: HISTORIAN, settled: 0 }],
    }),
  ]);
  for (let frame = 0; frame < frames; frame++) {
    const texts: string[] = [];
    for (let left = Math.min(commitsPerFrame, limits.openSequences); left > 0; left--) {
      seq++;
      // Reports as late as it may, so that many answers are kept.
      const settled = Math.max(0, seq - limits.openSequences);
      texts.push(encodeMessage({ type: "action", client: HISTORIAN, seq, settled, name: "tick" }));
    }
    say(texts);
    world.clock.now += 10_000;
  }
  server.receive(link, { type: "close", code: 1000, reason: "", notBefore: 0 });
  return done;
}
