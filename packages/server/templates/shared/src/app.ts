import type { AppOf } from "@holdfast/server";
import { list } from "./list.ts";

/** All modules of the app, by the name that pages use. */
export const modules = { list };
export type App = AppOf<typeof modules>;
