export { AsyncTransaction } from "./async-transaction.ts";
export type { AsyncTransactionOptions } from "./async-transaction.ts";
export { raw } from "./raw.ts";
export type { DeepReadonly } from "./raw.ts";
export { StateTree } from "./state-tree.ts";
export type { StateTreeOptions } from "./state-tree.ts";
export { Transaction } from "./transaction.ts";
export { unwrap } from "./unwrap.ts";
