import type { ServerProcess } from "@holdfast/testing/server-process";

/** Something that is measured: L or Holdfast, each in a process of its own. */
export interface Subject {
  readonly name: string;
  readonly server: ServerProcess;
  /** Gives the instance at `key` a state whose encoding is about `bytes` long. */
  fill(key: string, bytes: number): Promise<void>;
  /** A socket on the instance at `key`, ready to send; a silent one only listens. */
  open(key: string): Promise<Link>;
  /** Milliseconds from opening a socket to holding the whole state. */
  connectToSnapshot(key: string): Promise<number>;
  /** Instances that were constructed since the process started. */
  constructed(): Promise<number>;
}

/** One socket of a subject. Every action is a one-field edit. */
export interface Link {
  /** Sends `count` actions as one frame. */
  send(count: number): void;
  /** Called for every frame that answers actions, with how many it answers. */
  onAnswered: (count: number) => void;
  /** Called for every frame. */
  onFrame: (text: string) => void;
  close(): void;
}
