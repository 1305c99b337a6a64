import type { Suspense as ReactSuspense } from "react";
import { Suspense as CompatSuspense } from "preact/compat";

/** Preact has it in `preact/compat` only: the hooks do not need it, who wants to suspend does. */
// True as far as the tests go, which hand it nothing but what Preact's JSX has made.
export const Suspense = CompatSuspense as unknown as typeof ReactSuspense;
