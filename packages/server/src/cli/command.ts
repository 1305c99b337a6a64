import type { ParseArgsConfig } from "node:util";

/** What a command has of the world around it. */
export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether somebody watches: colours, questions and progress are for people. */
  readonly isTerminal: boolean;
  /** One line of what was asked for. */
  readonly print: (line: string) => void;
  /** One line about how it goes: never part of what another program reads. */
  readonly note: (line: string) => void;
  /** How far long work has come: one line that is written over, where somebody watches. */
  readonly progress: (text: string) => void;
  /** Asks a person. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** Runs a program, its output going where ours goes; resolves to its exit code. */
  readonly run: (program: string, args: readonly string[], cwd: string) => Promise<number>;
}

export type Values = Readonly<Record<string, unknown>>;

/** One command of `holdfast`. */
export interface Command {
  /** One line, for the list of commands. */
  readonly summary: string;
  /** How it is called, its options, examples. */
  readonly help: string;
  readonly options: NonNullable<ParseArgsConfig["options"]>;
  /** Resolves to the exit code. */
  readonly run: (call: {
    readonly values: Values;
    readonly positionals: readonly string[];
    readonly surroundings: Surroundings;
  }) => Promise<number>;
}

/** 0 it is done, 1 it is not, 2 it was asked for in a wrong way. */
export const ExitCode = { done: 0, failed: 1, usage: 2 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** What ends a command with words for its user: what happened, the likely cause, what to do. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = ExitCode.failed, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** An option as text, where it was given. */
export function text(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}
