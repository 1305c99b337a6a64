import { hunt } from "./mutant-hunters.ts";
import { STREAM_MUTANTS } from "./streams-mutants.ts";
for (const m of STREAM_MUTANTS) {
  const t = Date.now();
  const found = await hunt(m);
  console.log(
    found.length > 0 ? "RED  " : "ALIVE",
    m.name,
    Date.now() - t,
    (found[0] ?? "").slice(0, 160).replaceAll("\n", " "),
  );
}
process.exit(0);
