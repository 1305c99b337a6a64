import type { Patch } from "../patch.ts";
import { list, operation, PATH, PRIMITIVE, text, VALUE } from "../schema/shape.ts";
import type { ShapeData } from "../schema/shape.ts";
import { COUNT } from "./fields.ts";

/** The compact form of a patch: `["replace",["count"],5]`. */
export const PATCH_SHAPE: ShapeData & { readonly is: "operation"; readonly yields?: Patch } =
  operation<Patch>({
    add: { path: PATH, value: VALUE },
    replace: { path: PATH, value: VALUE },
    remove: { path: PATH },
    splice: { path: PATH, index: COUNT, remove: COUNT, value: list(VALUE) },
    order: { path: PATH, permutation: list(COUNT) },
    members: { path: PATH, remove: list(PRIMITIVE), value: list(PRIMITIVE) },
    append: { path: PATH, value: text() },
  });
