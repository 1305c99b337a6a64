import { expect, test } from "vitest";
import { findObjectClasses } from "./find-object-classes.ts";

const classesOf = (code: string): readonly string[] => findObjectClasses("worker.ts", code).classes;

test.each([
  ["a member", "const h = createWorker({}); export const ModuleObject = h.ModuleObject;"],
  ["a member under a type", "export const ModuleObject = h.ModuleObject as Class;"],
  ["destructured", "export const { ModuleObject } = createWorker({});"],
  ["a subclass", "export class ModuleObject extends holdfast.ModuleObject { x = 1; }"],
  ["a list", "const ModuleObject = h.ModuleObject; export { ModuleObject };"],
  ["from another file", 'export { ModuleObject } from "./objects.ts";'],
  ["destructured first", "const { ModuleObject } = createWorker({}); export { ModuleObject };"],
])("finds the class that is exported as %s", (_how, code) => {
  expect(classesOf(code)).toEqual(["ModuleObject"]);
});

test("finds classes under other names, connections, and an app's own", () => {
  const code = `
    import { DurableObject } from "cloudflare:workers";
    const { ModuleObject: Renamed, RoomObject } = createWorker<Env>({ modules });
    export { Renamed as Things, RoomObject };
    export const UserConnection = createConnectionHandler(connections.user);
    export class Own extends DurableObject<Env> {}
    class Hidden extends DurableObject {}
    export class Plain {}
    export const other = 1, more = h.Other;
    export default createWorker({});`;
  expect([...classesOf(code)].sort()).toEqual(["Own", "RoomObject", "Things", "UserConnection"]);
});

test("says that a worker is made, also where its class is not exported", () => {
  const code = "const holdfast = createWorker({ modules }); export default holdfast;";
  expect(findObjectClasses("worker.ts", code)).toEqual({ classes: [], makesWorker: true });
  expect(findObjectClasses("worker.ts", "export default {}").makesWorker).toBe(false);
});
