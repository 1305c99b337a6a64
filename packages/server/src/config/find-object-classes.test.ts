import { expect, test } from "vitest";
import { type EntryFacts, findObjectClasses } from "./find-object-classes.ts";

const factsOf = (code: string): EntryFacts => findObjectClasses("worker.ts", code);
const classesOf = (code: string): readonly string[] =>
  factsOf(code).classes.map(({ name }) => name);

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

test("says which class each is", () => {
  const code = `
    export const { ModuleObject: Things, RoomObject } = createWorker({});
    export const UserConnection = createConnectionHandler(one);
    export class Own extends DurableObject {}`;
  expect(factsOf(code).classes).toEqual([
    { name: "Things", is: "ModuleObject" },
    { name: "RoomObject", is: "RoomObject" },
    { name: "UserConnection", is: "connection" },
    { name: "Own", is: "own" },
  ]);
});

test("says that a worker is made, also where its class is not exported", () => {
  const code = "const holdfast = createWorker({ modules }); export default holdfast;";
  expect(factsOf(code)).toEqual({
    classes: [],
    makesWorker: true,
    hasConnections: false,
    hasDefault: true,
  });
  const nothing = factsOf("// as createWorker({ connections }) does\nexport const other = 1;");
  expect(nothing).toEqual({
    classes: [],
    makesWorker: false,
    hasConnections: false,
    hasDefault: false,
  });
  expect(factsOf("const h = createWorker<Env>({ modules, connections });").hasConnections).toBe(
    true,
  );
  expect(factsOf('export { worker as default } from "./worker.ts";').hasDefault).toBe(true);
});
