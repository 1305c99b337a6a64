import { atMost, type BenchOptions, type Figure } from "./figure.ts";
import { median } from "./statistics.ts";
import { checkApp, type TypeCheck } from "./type-check.ts";

const MODULES = 50;

/** How long `tsc` takes for an app of 50 modules, from its start to its end, with what was built. */
export async function types(options: BenchOptions): Promise<Figure[]> {
  const checks: TypeCheck[] = [];
  // The first finds no file in the system's cache, and does not count.
  for (let round = -1; round < options.rounds; round++) {
    const check = await checkApp({ modules: MODULES, holdfast: "built" });
    if (check.errors.length > 0)
      throw new Error(`It does not compile:\n${check.errors.join("\n")}`);
    if (round >= 0) checks.push(check);
  }
  options.progress("types: checked");
  const name = `an app of ${MODULES} modules`;
  return [
    atMost(2, {
      name: `type-check ${name}`,
      ours: median(checks.map(({ seconds }) => seconds)),
      unit: "s",
    }),
    {
      name: `types made for ${name}`,
      ours: median(checks.map(({ instantiations }) => instantiations)),
      unit: "instantiations",
    },
  ];
}
