/**
 * Makes a state of one version from a state of the version before: a plain copy, which it may change.
 * What it returns, if anything, is the state.
 */
// What an older version of the code stored has a type that nobody knows any more.
// oxlint-disable-next-line typescript/no-explicit-any -- see above
export type MigrateStep = (old: any) => unknown;
