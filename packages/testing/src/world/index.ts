export { drawScript } from "./draw-script.ts";
export { play, type Played } from "./play.ts";
export { shrink, type Shrunk } from "./shrink.ts";
export { describeStep, type EventType, type Script, type Step } from "./step.ts";
