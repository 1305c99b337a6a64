/** Whose state of which instance on which server: what is kept is found under it, and nowhere else. */
export interface Place {
  /** The server's address. */
  readonly base: string;
  readonly principal: string;
  readonly module: string;
  readonly key: string | undefined;
}

type KeyPart = string | number;

/** As the beginning of a key in IndexedDB, where no two lists are the same but equal ones. */
export function placeKey({ base, principal, module, key }: Place): readonly KeyPart[] {
  // A number, which no key of an instance is.
  return [base, principal, module, key ?? 0];
}

/** Everything whose key begins with these parts. A list is greater than whatever may follow. */
export function under(prefix: readonly KeyPart[]): IDBKeyRange {
  return IDBKeyRange.bound([...prefix], [...prefix, []]);
}
