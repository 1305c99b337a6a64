import type { Scope } from "../tracked.ts";

/** The iterator of a raw Map or Set, live like that one, with what it yields made fit to be seen. */
export class WrappingIterator<From, To> extends Iterator<To, undefined, unknown> {
  readonly #scope: Scope;
  readonly #from: Iterator<From, unknown, unknown>;
  readonly #make: (yielded: From) => To;

  constructor(scope: Scope, from: Iterator<From, unknown, unknown>, make: (yielded: From) => To) {
    super();
    this.#scope = scope;
    this.#from = from;
    this.#make = make;
  }

  override next(): IteratorResult<To, undefined> {
    this.#scope.assertActive();
    const result = this.#from.next();
    if (result.done) return { done: true, value: undefined };
    return { done: false, value: this.#make(result.value) };
  }
}
