import { type ErrorCode, HoldfastError } from "@holdfast/protocol";

const STATUS: Partial<Record<ErrorCode, number>> = {
  ORIGIN_FORBIDDEN: 403,
  FRAME_TOO_LARGE: 413,
  UNKNOWN_MODULE: 404,
  KEY_INVALID: 400,
  IMPORT_INVALID: 422,
  KEY_CHANGE: 422,
  SCHEMA_TOO_NEW: 409,
};

/** The answer to a request that is not admitted. */
export function refusedRequest({ code, message }: HoldfastError): Response {
  return Response.json({ error: { code, message } }, { status: STATUS[code] ?? 500 });
}

/** What admission threw, as it may be told: what is broken here is for the operator. */
export function asRefusal(error: unknown): HoldfastError {
  if (error instanceof HoldfastError) return error;
  console.error("Holdfast: admission failed.", error);
  return new HoldfastError(
    "INTERNAL",
    "The server could not decide on the request. Its log says why; try again.",
  );
}
