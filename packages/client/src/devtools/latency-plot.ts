import { drawing } from "./element.ts";

const WIDTH = 120;
const HEIGHT = 22;
/** Below that everything is fast, and differences are noise. */
const LEAST_SCALE_MS = 20;

/** How long the latest answers took, oldest first: one bar each. */
export function latencyPlot(milliseconds: readonly number[], most: number): SVGSVGElement {
  const top = Math.max(LEAST_SCALE_MS, ...milliseconds);
  const step = WIDTH / most;
  const bars = milliseconds.map((value, index) => {
    const height = Math.max(1, (value / top) * HEIGHT);
    return drawing("rect", {
      x: ((most - milliseconds.length + index) * step).toFixed(2),
      y: (HEIGHT - height).toFixed(2),
      width: (step * 0.7).toFixed(2),
      height: height.toFixed(2),
    });
  });
  return drawing(
    "svg",
    {
      class: "plot",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: "img",
      "aria-label": describe(milliseconds),
    },
    drawing("title", {}, describe(milliseconds)),
    ...bars,
  );
}

/** In words: for those who do not see the plot, and beside it. */
export function describe(milliseconds: readonly number[]): string {
  if (milliseconds.length === 0) return "no answers yet";
  const sorted = milliseconds.toSorted((one, other) => one - other);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return `answers take ${readable(median)}, at most ${readable(sorted.at(-1) ?? 0)}`;
}

export function readable(milliseconds: number): string {
  return milliseconds < 1_000
    ? `${Math.round(milliseconds)} ms`
    : `${(milliseconds / 1_000).toFixed(1)} s`;
}
