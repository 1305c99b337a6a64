import { startHoldfast } from "./holdfast-subject.ts";
import { batched, pipelined } from "./load.ts";
import { profiled } from "./profile.ts";
import { SIZES } from "./sizes.ts";

const IN_FLIGHT = 64;
const SHOWN = 20;
const MODES = [
  { name: "a frame each", run: pipelined, actions: 6_000 },
  { name: "batched", run: batched, actions: 40_000 },
] as const;

/** Where the server's CPU goes, by the functions of its bundle: a table to read, not a figure. */
export async function hotFunctions(): Promise<string> {
  await using ours = await startHoldfast({ inspector: true });
  const tables: string[] = [];
  for (const { name, key, bytes } of SIZES) {
    await ours.fill(key, bytes);
    const link = await ours.open(key);
    for (const mode of MODES) {
      await mode.run(link, mode.actions / 2, IN_FLIGHT);
      const functions = await profiled(ours.server, async () => {
        await mode.run(link, mode.actions, IN_FLIGHT);
      });
      const lines = functions
        .slice(0, SHOWN)
        .map((one) => `  ${one.self.toFixed(1).padStart(5)} %  ${one.name}`);
      tables.push([`${name}, ${mode.name}`, ...lines].join("\n"));
    }
    link.close();
  }
  return tables.join("\n\n");
}
