import { type ESTree, parseSync } from "vite";

/** A class of Durable Objects that a Worker's entry exports. */
export interface ObjectClass {
  /** The name under which it is exported. */
  readonly name: string;
  /** Holdfast's for modules or rooms, that of a connection, or one of the app's own. */
  readonly is: "ModuleObject" | "RoomObject" | "connection" | "own";
}

/** What a Worker's entry says about Durable Objects. */
export interface EntryFacts {
  readonly classes: readonly ObjectClass[];
  /** It calls Holdfast's `createWorker`, */
  readonly makesWorker: boolean;
  /** with connections among what it passes. */
  readonly hasConnections: boolean;
  readonly hasDefault: boolean;
}

/**
 * Looks at the source of a Worker's entry, without running it: what is exported as a member
 * `ModuleObject` or `RoomObject`, by `createConnectionHandler`, or as a class that extends either or `DurableObject`.
 */
export function findObjectClasses(file: string, code: string): EntryFacts {
  const { body } = parseSync(file, code).program;
  const declared = new Map<string, Kind>();
  const classes: ObjectClass[] = [];
  let hasDefault = false;
  for (const statement of body) {
    if (statement.type === "ExportDefaultDeclaration") hasDefault = true;
    if (statement.type === "ExportNamedDeclaration" && statement.declaration) {
      for (const [name, is] of declarationsOf(statement.declaration))
        if (is) classes.push({ name, is });
    } else if (statement.type !== "ExportNamedDeclaration") {
      for (const [name, is] of declarationsOf(statement)) declared.set(name, is);
    }
  }
  for (const statement of body) {
    if (statement.type !== "ExportNamedDeclaration") continue;
    for (const { local, exported } of statement.specifiers) {
      const [from, name] = [nameOf(local), nameOf(exported)];
      if (name === "default") hasDefault = true;
      const is = statement.source ? MEMBERS.get(from) : declared.get(from);
      if (is) classes.push({ name, is });
    }
  }
  const calls = callsOf(body, "createWorker");
  return {
    classes,
    makesWorker: calls.length > 0,
    hasConnections: calls.some(({ arguments: [options] }) => hasProperty(options, "connections")),
    hasDefault,
  };
}

type Kind = ObjectClass["is"] | undefined;

/** What `createWorker` returns its classes as. */
const MEMBERS: ReadonlyMap<string, Kind> = new Map([
  ["ModuleObject", "ModuleObject"],
  ["RoomObject", "RoomObject"],
]);
const BASE_CLASSES: ReadonlyMap<string, Kind> = new Map([...MEMBERS, ["DurableObject", "own"]]);

/** The names that a statement declares, and which class of Durable Objects each is. */
function declarationsOf(statement: ESTree.Node): [name: string, is: Kind][] {
  if (statement.type === "ClassDeclaration") {
    const base = statement.superClass ?? undefined;
    return statement.id ? [[statement.id.name, base && kindOf(base)]] : [];
  }
  if (statement.type !== "VariableDeclaration") return [];
  return statement.declarations.flatMap(({ id, init }): [string, Kind][] => {
    if (id.type === "Identifier") return [[id.name, init ? kindOf(init) : undefined]];
    if (id.type !== "ObjectPattern") return [];
    return id.properties.flatMap((property): [string, Kind][] =>
      property.type === "Property" && property.value.type === "Identifier"
        ? [[property.value.name, MEMBERS.get(nameOf(property.key))]]
        : [],
    );
  });
}

function kindOf(expression: ESTree.Node): Kind {
  switch (expression.type) {
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
      return kindOf(expression.expression);
    case "ClassExpression":
      return expression.superClass ? kindOf(expression.superClass) : undefined;
    case "Identifier":
      return BASE_CLASSES.get(expression.name);
    case "MemberExpression":
      return BASE_CLASSES.get(nameOf(expression.property));
    case "CallExpression":
      return nameOf(expression.callee) === "createConnectionHandler" ? "connection" : undefined;
    default:
      return undefined;
  }
}

/** Every call of the function of that name, wherever in the code. */
function callsOf(code: unknown, name: string): ESTree.CallExpression[] {
  if (typeof code !== "object" || code === null) return [];
  // A part of a tree of ESTree's nodes: each says its type, and the rest are nodes, lists and atoms.
  const node = code as ESTree.Node;
  const own = node.type === "CallExpression" && nameOf(node.callee) === name ? [node] : [];
  return [...own, ...Object.values(code).flatMap((part) => callsOf(part, name))];
}

function hasProperty(node: ESTree.Node | undefined, name: string): boolean {
  return (
    node?.type === "ObjectExpression" &&
    node.properties.some((one) => one.type === "Property" && nameOf(one.key) === name)
  );
}

function nameOf(node: ESTree.Node): string {
  if (node.type === "Identifier" || node.type === "PrivateIdentifier") return node.name;
  return node.type === "Literal" ? String(node.value) : "";
}
