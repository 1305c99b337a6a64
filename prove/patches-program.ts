import { Random } from "@holdfast/testing/random";

/** Where a step works: from the root or something held, down by choices among what is there. */
export interface Where {
  /** 0 is the root, anything else something held. */
  readonly from: number;
  readonly choices: readonly number[];
}

/** A value that a step writes, told so that both sides can make their own. */
export type Given =
  | { readonly is: "plain"; readonly seed: number }
  | { readonly is: "part"; readonly at: Where }
  | {
      readonly is: "mixed";
      readonly shape: number;
      readonly parts: readonly Where[];
      readonly seed: number;
    };

export type Step =
  | { readonly do: "hold" | "mutate" | "visit"; readonly at: Where }
  | { readonly do: "set"; readonly at: Where; readonly key: number; readonly value: Given }
  | {
      readonly do: "assign and go on";
      readonly at: Where;
      readonly key: number;
      readonly seed: number;
      /** What goes into the plain value, if not a plain one. */
      readonly part: Where | undefined;
    }
  | {
      readonly do: "change" | "delete" | "again" | "refused";
      readonly at: Where;
      readonly key: number;
    }
  | {
      readonly do: "splice";
      readonly at: Where;
      readonly how: number;
      readonly index: number;
      readonly count: number;
      readonly values: readonly Given[];
    }
  | { readonly do: "arrange"; readonly at: Where; readonly how: number; readonly key: number }
  | {
      readonly do: "derive";
      readonly at: Where;
      readonly how: number;
      readonly key: number;
      readonly value: Given;
    }
  | { readonly do: "clear"; readonly at: Where };

export interface Action {
  readonly steps: readonly Step[];
  /** Throws at the end: the action must leave no trace. */
  readonly fails: boolean;
}

export interface Program {
  /** Determines the initial state. */
  readonly seed: number;
  /** The actions of one batch each: applied one after the other, undone together, applied again. */
  readonly batches: readonly (readonly Action[])[];
}

export function randomProgram(seed: number): Program {
  const random = new Random(seed);
  const batches = many(random, 1, 3, () => many(random, 1, 3, () => randomAction(random)));
  return { seed, batches };
}

function randomAction(random: Random): Action {
  return { steps: many(random, 1, 7, () => randomStep(random)), fails: random.chance(0.12) };
}

const SET = { do: "set", weight: 22 } as const;
/** How often each step comes up. */
const STEPS = [
  SET,
  { do: "splice", weight: 26 },
  { do: "delete", weight: 12 },
  { do: "derive", weight: 12 },
  { do: "hold", weight: 12 },
  { do: "change", weight: 10 },
  { do: "arrange", weight: 8 },
  { do: "again", weight: 6 },
  { do: "assign and go on", weight: 8 },
  { do: "mutate", weight: 6 },
  { do: "refused", weight: 3 },
  { do: "visit", weight: 3 },
  { do: "clear", weight: 2 },
] as const;

const TOTAL = STEPS.reduce((sum, { weight }) => sum + weight, 0);

export function randomStep(random: Random): Step {
  let ticket = random.between(1, TOTAL);
  const kind = STEPS.find(({ weight }) => (ticket -= weight) <= 0) ?? SET;
  const at = randomWhere(random);
  const key = random.between(0, 30);
  switch (kind.do) {
    case "hold":
    case "mutate":
    case "visit":
    case "clear":
      return { do: kind.do, at };
    case "set":
      return { do: "set", at, key, value: randomGiven(random) };
    case "change":
    case "delete":
    case "again":
    case "refused":
      return { do: kind.do, at, key };
    case "assign and go on": {
      const part = random.chance(0.3) ? randomWhere(random) : undefined;
      return { do: "assign and go on", at, key, seed: random.between(0, 2 ** 30), part };
    }
    case "splice": {
      const values = many(random, 0, 3, () => randomGiven(random));
      const [how, index, count] = [
        random.between(0, 7),
        random.between(-3, 8),
        random.between(0, 3),
      ];
      return { do: "splice", at, how, index, count, values };
    }
    case "arrange":
      return { do: "arrange", at, how: random.between(0, 5), key };
    case "derive":
      return { do: "derive", at, how: random.between(0, 11), key, value: randomGiven(random) };
  }
}

function randomGiven(random: Random): Given {
  if (random.chance(0.5)) return { is: "plain", seed: random.between(0, 2 ** 30) };
  if (random.chance(0.7)) return { is: "part", at: randomWhere(random) };
  const parts = many(random, 1, 3, () => randomWhere(random));
  return { is: "mixed", shape: random.between(0, 2), parts, seed: random.between(0, 2 ** 30) };
}

function randomWhere(random: Random): Where {
  const from = random.chance(0.35) ? random.between(1, 6) : 0;
  return { from, choices: many(random, 0, 4, () => random.between(0, 11)) };
}

function many<T>(random: Random, low: number, high: number, make: () => T): T[] {
  return Array.from({ length: random.between(low, high) }, make);
}

/** Keys of objects: few, so that they meet, and some that objects inherit. */
export const FIELDS = [
  "a",
  "b",
  "c",
  "d",
  "$",
  "",
  "length",
  "constructor",
  "toString",
  "0",
] as const;

/** Keys of Maps and members of Sets: some differ by their type alone. */
export const KEYS = [
  "a",
  "b",
  1,
  "1",
  0,
  -0,
  NaN,
  null,
  undefined,
  true,
  10n,
  "__proto__",
  "c",
] as const;

/** A plain value, the same for the same seed. */
export function plainValue(seed: number, depth: number = 2): unknown {
  return randomValue(new Random(seed), depth);
}

function randomValue(random: Random, depth: number): unknown {
  if (depth === 0 || random.chance(0.45)) return randomAtom(random);
  const size = random.between(0, 4);
  const inner = (): unknown => randomValue(random, depth - 1);
  switch (random.between(0, 6)) {
    case 0:
    case 1:
    case 2:
      return Object.fromEntries(Array.from({ length: size }, () => [random.pick(FIELDS), inner()]));
    case 3:
    case 4:
      return Array.from({ length: size }, inner);
    case 5:
      return new Map(Array.from({ length: size }, () => [random.pick(KEYS), inner()]));
    default:
      return new Set(Array.from({ length: size }, () => random.pick(KEYS)));
  }
}

function randomAtom(random: Random): unknown {
  switch (random.between(0, 15)) {
    case 0:
      return random.pick([null, undefined, true, false]);
    case 1:
      return random.pick([NaN, -0, Infinity, 0.1, 1e21]);
    case 2:
      return BigInt(random.between(0, 3));
    case 3:
      return new Date(random.pick([0, 86_400_000, NaN]));
    case 4:
      return new Uint8Array([1, 2, random.between(0, 2)]);
    case 5:
      return new URL(`https://example.com/${random.between(0, 2)}`);
    case 6:
      return /a+/g;
    case 7:
      return new Float64Array([random.between(0, 2) / 2, -0]);
    case 8:
    case 9:
    case 10:
      return random.pick([
        "",
        "x",
        "xy",
        "xyz",
        "ä\n",
        "a longer text that costs more than a patch does",
      ]);
    default:
      return random.between(0, 4);
  }
}

/** The state that a program begins with: a few of everything, so that steps find what they need. */
export function initialState(seed: number): Record<string, unknown> {
  const random = new Random(seed ^ 0x5eed);
  // Now and then nothing but small numbers, where patches easily cost more than the value.
  if (seed % 8 === 0)
    return { a: points(random), b: points(random), c: new Map([["a", points(random)]]) };
  const item = (): unknown => ({
    id: random.between(0, 9),
    tags: ["x"],
    note: randomValue(random, 1),
  });
  return {
    a: randomValue(random, 3),
    b: Array.from({ length: random.between(0, 6) }, item),
    c: new Map(Array.from({ length: random.between(0, 5) }, () => [random.pick(KEYS), item()])),
    d: Array.from({ length: random.between(0, 8) }, () => random.between(0, 3)),
    due: new Date(random.between(0, 5)),
    set: new Set(Array.from({ length: random.between(0, 5) }, () => random.pick(KEYS))),
    text: "some text",
    more: randomValue(random, 2),
  };
}

function points(random: Random): unknown[] {
  return Array.from({ length: random.between(2, 6) }, () => ({
    a: random.between(0, 3),
    b: random.between(0, 3),
    c: random.between(0, 3),
  }));
}
