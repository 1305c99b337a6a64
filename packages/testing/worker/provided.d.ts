import "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** How many scripts hibernation is held against, and from which seed on (`vitest.config.ts`). */
    readonly hibernation: { readonly scripts: number; readonly seed: number };
  }
}
