import { HoldfastError } from "@holdfast/protocol";

/**
 * The body of a request as text, read no further than it may be long.
 *
 * @throws HoldfastError `FRAME_TOO_LARGE`
 */
export async function readText(request: Request, mostBytes: number): Promise<string> {
  const reader = request.body?.getReader();
  if (!reader) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    // What a request's body gives is bytes.
    const { done, value } = (await reader.read()) as ReadableStreamReadResult<Uint8Array>;
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > mostBytes) {
      await reader.cancel();
      throw new HoldfastError(
        "FRAME_TOO_LARGE",
        `The request's body is longer than ${mostBytes} bytes, which is the limit here.`,
      );
    }
    text += decoder.decode(value, { stream: true });
  }
}
