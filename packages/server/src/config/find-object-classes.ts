import { type ESTree, parseSync } from "vite";

/** What a Worker's entry says about Durable Objects. */
export interface EntryFacts {
  /** The names under which it exports classes of Durable Objects. */
  readonly classes: readonly string[];
  /** It calls Holdfast's `createWorker`. */
  readonly makesWorker: boolean;
}

/**
 * Looks at the source of a Worker's entry, without running it: what is exported as a member
 * `ModuleObject` or `RoomObject`, by `createConnectionHandler`, or as a class that extends either or `DurableObject`.
 */
export function findObjectClasses(file: string, code: string): EntryFacts {
  const { body } = parseSync(file, code).program;
  const declared = new Map<string, boolean>();
  const exported: string[] = [];
  for (const statement of body) {
    if (statement.type === "ExportNamedDeclaration" && statement.declaration) {
      const names = declarationsOf(statement.declaration);
      exported.push(...names.filter(([, isClass]) => isClass).map(([name]) => name));
    } else if (statement.type !== "ExportNamedDeclaration") {
      for (const [name, isClass] of declarationsOf(statement)) declared.set(name, isClass);
    }
  }
  for (const statement of body) {
    if (statement.type !== "ExportNamedDeclaration") continue;
    for (const { local, exported: name } of statement.specifiers) {
      const from = nameOf(local);
      const isClass = statement.source ? MEMBERS.has(from) : declared.get(from);
      if (isClass) exported.push(nameOf(name));
    }
  }
  return { classes: exported, makesWorker: /\bcreateWorker\b/.test(code) };
}

/** What `createWorker` returns its classes as. */
const MEMBERS: ReadonlySet<string> = new Set(["ModuleObject", "RoomObject"]);
const BASE_CLASSES: ReadonlySet<string> = new Set(["DurableObject", ...MEMBERS]);

/** The names that a statement declares, and whether each is a class of Durable Objects. */
function declarationsOf(statement: ESTree.Node): [name: string, isClass: boolean][] {
  if (statement.type === "ClassDeclaration") {
    const base = statement.superClass ?? undefined;
    return statement.id ? [[statement.id.name, base !== undefined && isObjectClass(base)]] : [];
  }
  if (statement.type !== "VariableDeclaration") return [];
  return statement.declarations.flatMap(({ id, init }): [string, boolean][] => {
    if (id.type === "Identifier") return [[id.name, init ? isObjectClass(init) : false]];
    if (id.type !== "ObjectPattern") return [];
    return id.properties.flatMap((property): [string, boolean][] =>
      property.type === "Property" && property.value.type === "Identifier"
        ? [[property.value.name, MEMBERS.has(nameOf(property.key))]]
        : [],
    );
  });
}

function isObjectClass(expression: ESTree.Node): boolean {
  switch (expression.type) {
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
      return isObjectClass(expression.expression);
    case "ClassExpression":
      return expression.superClass ? isObjectClass(expression.superClass) : false;
    case "Identifier":
      return BASE_CLASSES.has(expression.name);
    case "MemberExpression":
      return BASE_CLASSES.has(nameOf(expression.property));
    case "CallExpression":
      return nameOf(expression.callee) === "createConnectionHandler";
    default:
      return false;
  }
}

function nameOf(node: ESTree.Node): string {
  if (node.type === "Identifier" || node.type === "PrivateIdentifier") return node.name;
  return node.type === "Literal" ? String(node.value) : "";
}
