/** What the pages of a history did, as its outcome has to show it. */
export class Ledger {
  /** How far the acknowledged ones have counted. */
  counted = 0;
  /** Texts that were acknowledged. */
  readonly texts: string[] = [];
  /** Marks that were acknowledged, and what they were made on. */
  readonly marks: { readonly id: number; readonly mark: string }[] = [];
  readonly refused: string[] = [];
  /** What each page was told that the time is, and has shown, by what it has stamped. */
  readonly stamps: Map<string, number> = new Map();
  /** Numbers for all that is new. */
  ids = 100;
  done = 0;
  asked = 0;

  settle(promise: Promise<unknown>, onDone: () => void): void {
    this.asked++;
    promise.then(
      () => {
        this.done++;
        onDone();
      },
      ({ code, message }: { code: string; message: string }) => {
        this.done++;
        this.refused.push(`${code}: ${message}`);
      },
    );
  }
}
