import type { Patch } from "../patch.ts";
import type { FieldShapes } from "./shape.ts";

/** The operands of each operation, in the order in which they follow operation and path. */
export const PATCH_SHAPES: {
  readonly [Op in Patch["op"]]: FieldShapes<Omit<Extract<Patch, { op: Op }>, "op" | "path">>;
} = {
  add: { value: "value" },
  replace: { value: "value" },
  remove: {},
  splice: { index: 0, remove: 0, value: ["value"] },
  order: { permutation: [0] },
  members: { remove: ["primitive"], value: ["primitive"] },
  append: { value: /^/ },
};
