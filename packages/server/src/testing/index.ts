export { checkStateStore, type OpenedStore, type StoreReport } from "./check-state-store.ts";
