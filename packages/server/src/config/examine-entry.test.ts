import { describe, expect, test } from "vitest";
import { examineEntryFacts } from "./examine-entry.ts";
import { findObjectClasses } from "./find-object-classes.ts";

const GOOD = `
const holdfast = createWorker({ modules, connections });
export const ModuleObject = holdfast.ModuleObject;
export const RoomObject = holdfast.RoomObject;
export const UserConnection = createConnectionHandler(connections.user);
export default holdfast;`;

function mistakes(code: string, config = {}): string[] {
  return examineEntryFacts(findObjectClasses("worker.ts", code), config).map(
    ({ level, about }) => `${level}: ${about}`,
  );
}

describe("the exports of a Worker's entry", () => {
  test("nothing is said where everything is there, or nothing of Holdfast's is", () => {
    expect(mistakes(GOOD)).toEqual([]);
    expect(mistakes("export class Own extends DurableObject {}")).toEqual([]);
  });

  test.each([
    ["the class of modules", /export const ModuleObject.*/, "", ["error: ModuleObject"]],
    ["the class of rooms", /export const RoomObject.*/, "", ["warning: RoomObject"]],
    ["the class of a connection", /export const UserConnection.*/, "", ["error: connection"]],
    ["the worker itself", "export default holdfast;", "", ["error: default"]],
    ["a class under its name", "const ModuleObject", "const Things", ["error: ModuleObject"]],
  ])("what is not exported is said: %s", (_, what, by, expected) => {
    expect(mistakes(GOOD.replace(what, by))).toEqual(expected);
  });

  test("a class under another name is found where it is bound by its own", () => {
    const bindings = [{ name: "ModuleObject", class_name: "Things" }];
    expect(
      mistakes(GOOD.replace("const ModuleObject", "const Things"), {
        durable_objects: { bindings },
      }),
    ).toEqual([]);
  });
});
