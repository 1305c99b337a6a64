import type { Neighbourhood } from "@holdfast/server/internal/node/residents";
import type { Random } from "@holdfast/testing/random";

/** What becomes of a call from one object to another. */
type Fate = "fine" | "late" | "overloaded" | "answer lost" | "lost";

/** Fates under which everybody still hears everything. */
const HARMLESS = { fine: 20, late: 4, overloaded: 3, "answer lost": 2, lost: 0 };
const HARMFUL = { ...HARMLESS, lost: 2 };
/** More in a row, and whoever tries gives up. */
const MOST_IN_A_ROW = 2;

/** The way between objects: calls come late, do not arrive, or their answers do not. */
export class Faults {
  /** Calls of each home that have arrived. */
  readonly arrived = new Map<string, number>();
  isOn = true;
  readonly #random: Random;
  readonly #weights: Readonly<Record<Fate, number>>;
  readonly #inARow = new Map<string, number>();
  #underWay = 0;

  constructor(random: Random, isHarmless: boolean) {
    this.#random = random;
    this.#weights = isHarmless ? HARMLESS : HARMFUL;
  }

  /** Nothing is late any more. */
  get isQuiet(): boolean {
    return this.#underWay === 0;
  }

  around(homes: Neighbourhood): Neighbourhood {
    return {
      at: (name) => ({
        durable: () => homes.at(name).durable(),
        use: (work) => this.#call(name, () => homes.at(name).use(work)),
      }),
      room: (name) => ({
        use: (work) => this.#call(name, () => homes.room(name).use(work)),
      }),
    };
  }

  async #call<Answer>(name: string, call: () => Promise<Answer>): Promise<Answer> {
    this.#underWay++;
    try {
      const fate = this.#draw(name);
      if (fate === "late" || fate === "overloaded") await turns(this.#random.between(1, 6));
      if (fate === "lost") throw new Error("planned: the call is lost");
      if (fate === "overloaded") throw Object.assign(new Error("planned"), { overloaded: true });
      this.arrived.set(name, (this.arrived.get(name) ?? 0) + 1);
      const answer = await call();
      if (fate === "answer lost") throw new Error("planned: the answer is lost");
      return answer;
    } finally {
      this.#underWay--;
    }
  }

  #draw(name: string): Fate {
    const before = this.#inARow.get(name) ?? 0;
    const drawn = this.isOn ? this.#random.weighted(this.#weights) : "fine";
    const isBad = drawn !== "fine" && drawn !== "late";
    const fate = isBad && before >= MOST_IN_A_ROW ? "fine" : drawn;
    this.#inARow.set(name, fate === drawn && isBad ? before + 1 : 0);
    return fate;
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
