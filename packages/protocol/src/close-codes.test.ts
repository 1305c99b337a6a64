import { expect, test } from "vitest";
import { CloseCode, isTerminalClose } from "./close-codes.ts";

test("[P51] 4400 to 4499 are terminal, 4401 apart, and nothing else is", () => {
  for (let code = 1000; code < 5000; code++) {
    expect(isTerminalClose(code)).toBe(code >= 4400 && code <= 4499 && code !== 4401);
  }
});

test("[P51] what may pass does not end the connection; what cannot does", () => {
  const lasting = Object.entries(CloseCode).filter(([, code]) => isTerminalClose(code));
  expect(lasting.map(([name]) => name)).toEqual([
    "malformed",
    "forbidden",
    "notFound",
    "tooLarge",
    "protocol",
    "tooManySockets",
  ]);
});
