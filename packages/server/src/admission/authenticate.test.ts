import { DEFAULT_LIMITS } from "@holdfast/protocol";
import { expect, test } from "vitest";
import { callAuthenticate } from "./authenticate.ts";

const { metaBytes, presenceBytes } = DEFAULT_LIMITS;
const request = new Request("https://app.example/");

function authenticated(bytes: number, room: number): Promise<unknown> {
  const user = {
    id: "ann",
    about: "x".repeat(bytes - JSON.stringify({ id: "ann", about: "" }).length),
  };
  const asked = { env: {}, limits: DEFAULT_LIMITS, metaBytes: room, now: 0 };
  return callAuthenticate(() => user, request, asked);
}

test("[G14] a user fills the room that there is for what is kept with a connection, and no more", async () => {
  await expect(authenticated(metaBytes, metaBytes)).resolves.toMatchObject({ user: { id: "ann" } });
  // Where the module declares presence, a part of the room is for that.
  const left = metaBytes - presenceBytes;
  await expect(authenticated(left, left)).resolves.toMatchObject({ user: { id: "ann" } });
  await expect(authenticated(left + 1, left)).rejects.toMatchObject({ code: "META_TOO_LARGE" });
});
