export { HoldfastDevtools } from "./devtools/holdfast-devtools.ts";
export { type DevtoolsOptions, mountDevtools } from "./devtools/mount-devtools.ts";
