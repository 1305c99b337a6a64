import type { WireError } from "../errors.ts";

/**
 * What became of one sequence, as it is stored and as it is told. The result is kept encoded: it is
 * written to the journal and to the wire as the same text.
 */
export type Answer =
  | { readonly type: "ack"; readonly version: number; readonly result: string | undefined }
  | { readonly type: "reject"; readonly error: WireError };

/**
 * The `ack` or `reject` message for `seq` of `client`, without encoding the result again.
 *
 * @param client an id, in which nothing has to be escaped
 */
export function encodeAnswer(client: string, seq: number, answer: Answer): string {
  const head = `{"type":"${answer.type}","client":"${client}","seq":${seq}`;
  if (answer.type === "reject") return `${head},"error":${JSON.stringify(answer.error)}}`;
  const result = answer.result === undefined ? "" : `,"result":${answer.result}`;
  return `${head},"version":${answer.version}${result}}`;
}
