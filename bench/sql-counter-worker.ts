import type { SqlCounts } from "./sql-counts.ts";

/**
 * Counts what a Durable Object writes, as the platform bills it: `rowsWritten` of every statement's
 * cursor. It listens at `sql.exec` itself, so nothing that the object stores escapes it. A text of
 * several statements would be counted by its last one only, so such a text throws when it writes.
 */
export class SqlCounter {
  #statements = 0;
  #rowsWritten = 0;
  #rowsRead = 0;
  #boundBytes = 0;
  #attached = false;

  attach(storage: DurableObjectStorage): void {
    if (this.#attached) return;
    this.#attached = true;
    // The prototype is the platform's own; every storage of this isolate shares it.
    const prototype = Object.getPrototypeOf(storage.sql) as SqlStorage;
    // Called with the storage as `this`, below.
    // oxlint-disable-next-line typescript/unbound-method
    const original = prototype.exec;
    const count = this.#count.bind(this);
    prototype.exec = function exec<T extends Record<string, SqlStorageValue>>(
      this: SqlStorage,
      query: string,
      ...bindings: unknown[]
    ): SqlStorageCursor<T> {
      const cursor = original.call(this, query, ...bindings) as SqlStorageCursor<T>;
      count(query, bindings, cursor);
      return cursor;
    };
  }

  take(): SqlCounts {
    const counts = {
      statements: this.#statements,
      rowsWritten: this.#rowsWritten,
      rowsRead: this.#rowsRead,
      boundBytes: this.#boundBytes,
    };
    this.#statements = 0;
    this.#rowsWritten = 0;
    this.#rowsRead = 0;
    this.#boundBytes = 0;
    return counts;
  }

  #count(
    query: string,
    bindings: readonly unknown[],
    cursor: { readonly rowsWritten: number; readonly rowsRead: number },
  ): void {
    const { rowsWritten, rowsRead } = cursor;
    this.#statements++;
    this.#rowsWritten += rowsWritten;
    this.#rowsRead += rowsRead;
    if (rowsWritten === 0) return;
    const isSchema = /^\s*CREATE\b/i.test(query);
    if (!isSchema && query.replace(/;\s*$/, "").includes(";")) {
      throw new Error(`several statements in one text cannot be counted: ${query}`);
    }
    for (const binding of bindings) {
      if (typeof binding === "string") this.#boundBytes += binding.length;
      else if (binding instanceof ArrayBuffer) this.#boundBytes += binding.byteLength;
      else if (ArrayBuffer.isView(binding)) this.#boundBytes += binding.byteLength;
      else this.#boundBytes += 8;
    }
  }
}
