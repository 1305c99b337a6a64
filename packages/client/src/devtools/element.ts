/** What an element is made with: attributes, and listeners by the names of their events. */
export interface Properties {
  readonly class?: string;
  readonly on?: { readonly [event: string]: (event: Event) => void };
  readonly [attribute: string]: unknown;
}

type Child = Node | string | number | false | undefined;

/**
 * Makes an element. Text becomes text nodes, and attributes are set as text: whatever a state, an
 * error or a name holds, nothing of it is ever parsed. There is no other way to make elements in here.
 */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Properties = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  return fill(document.createElement(name), properties, children);
}

/** The same for drawings. */
export function drawing<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  properties: Properties = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Name] {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), properties, children);
}

function fill<Made extends Element>(
  made: Made,
  { on = {}, ...attributes }: Properties,
  children: readonly Child[],
): Made {
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) {
      made.setAttribute(attribute, value === true ? "" : String(value));
    }
  }
  for (const [event, listener] of Object.entries(on)) made.addEventListener(event, listener);
  made.append(...children.filter((child) => child !== false && child !== undefined).map(toNode));
  return made;
}

function toNode(child: Node | string | number): Node {
  return child instanceof Node ? child : document.createTextNode(String(child));
}
