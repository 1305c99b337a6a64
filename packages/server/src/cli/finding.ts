/** What was looked at, and how it is. */
export interface Finding {
  readonly check: string;
  readonly level: "ok" | "warning" | "error";
  readonly what: string;
  /** What to do about it. */
  readonly mend?: string;
}
