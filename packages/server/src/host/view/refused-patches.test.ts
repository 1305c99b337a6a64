import type { Patch, ServerMessage } from "@holdfast/protocol";
import { expect, test } from "vitest";
import { app } from "../../module/builder.ts";
import type { ModuleDefinition } from "../../module/definition.ts";
import { global } from "../../module/key-strategy.ts";
import { durableObjectStore } from "../../module/store.ts";
import { TestInstance } from "../host.fixture.ts";

/** What may stand at a place that is hidden: nobody who is refused may tell one from the other. */
const HIDDEN: readonly (readonly unknown[])[] = [
  [],
  [[1, 2, 3]],
  [{ 0: "an object", a: { b: 1 } }],
  [new Map<unknown, unknown>([[0, "a map"]])],
  [new Set([0])],
  ["a text"],
  [null],
];

const PLACES = [["secret"], ["secret", 0], ["secret", "a"], ["secret", "a", "b"], ["secret", 0, 0]];

const PATCHES: readonly Patch[] = PLACES.flatMap((path): Patch[] => [
  { op: "add", path, value: 1 },
  { op: "remove", path },
  { op: "replace", path, value: 1 },
  { op: "splice", path, index: 0, remove: 1, value: [] },
  { op: "order", path, permutation: [1, 0] },
  { op: "members", path, remove: [0], value: [] },
  { op: "append", path, value: "x" },
]);

const base = (secret: readonly unknown[]) =>
  app
    // The types of what is hidden are of no interest here.
    .defineState<Record<string, never>>(
      Object.assign({ open: 1 }, secret.length > 0 && { secret: secret[0] }) as never,
    )
    .persist(durableObjectStore(global()));

const MODULES: Readonly<Record<string, (secret: readonly unknown[]) => ModuleDefinition>> = {
  "hidden by a view": (secret) =>
    base(secret)
      .view(() => ({ hide: ["secret"] }))
      .clientWrites(true)
      .build(),
  "hidden, and shown to others": (secret) =>
    base(secret)
      .view(({ session }) => ({ hide: ["secret"], show: session.id === "bob" ? ["secret"] : [] }))
      .clientWrites(true)
      .build(),
  "seen, and not writable": (secret) =>
    base(secret)
      .clientWrites({ paths: ["open"] })
      .build(),
};

function answerTo(patch: Patch, module: ModuleDefinition): readonly ServerMessage[] {
  const instance = new TestInstance(module);
  const page = instance.join("alice", "c1");
  page.take();
  instance.say(page, {
    type: "patch",
    client: "c1",
    seq: 1,
    settled: 0,
    base: 0,
    after: 0,
    patches: [patch],
  });
  return page.take();
}

test.each(PATCHES.map((patch) => [`${patch.op} at ${patch.path.join(".")}`, patch] as const))(
  "[G15] [G16] a client's patch at a hidden place is answered alike, whatever stands there: %s",
  (_what, patch) => {
    const answers = Object.values(MODULES).flatMap((module) =>
      HIDDEN.map((secret) => answerTo(patch, module(secret))),
    );
    expect(answers[0]).toMatchObject([{ type: "reject", error: { code: "WRITE_FORBIDDEN" } }]);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  },
);
