import { describe, expect, test } from "vitest";
import { credentialsOf, requestToAuthenticate } from "./credentials.ts";

const URL_OF_PAGE = "https://app.example/holdfast/connect/room?key=a";

function offering(protocols: string, headers: Record<string, string> = {}): Request {
  return new Request(URL_OF_PAGE, { headers: { "Sec-WebSocket-Protocol": protocols, ...headers } });
}

const base64url = (text: string) => Buffer.from(text).toString("base64url");

describe("credentials", () => {
  test("[P2] stand in the subprotocols, in any order", () => {
    const request = offering(
      `holdfast.token.${base64url("tök")}, holdfast.1,holdfast.session.a.b.c`,
    );
    expect(credentialsOf(request)).toEqual({
      protocol: "holdfast.1",
      token: "tök",
      session: "a.b.c",
    });
    expect(credentialsOf(new Request(URL_OF_PAGE))).toEqual({
      protocol: undefined,
      token: undefined,
      session: undefined,
    });
  });

  test("a token that is no base64url of UTF-8 is nobody's, but one was brought", () => {
    for (const token of ["***", base64url("a").slice(0, 1), "_w"]) {
      expect(credentialsOf(offering(`holdfast.token.${token}`)).token, token).toBe("");
    }
  });

  test("authenticate gets the token as Authorization, and what a client put there itself is gone", () => {
    const request = offering(`holdfast.token.${base64url("abc")}`, {
      Authorization: "Bearer forged",
      Origin: "https://app.example",
      Cookie: "own=1",
    });
    const { headers, url } = requestToAuthenticate(request, credentialsOf(request));
    expect(headers.get("Authorization")).toBe("Bearer abc");
    expect(headers.get("Sec-WebSocket-Protocol")).toBeNull();
    expect(headers.get("Cookie")).toBe("own=1");
    expect(url).toBe(URL_OF_PAGE);
    const without = offering("holdfast.1", { Authorization: "Bearer forged" });
    expect(
      requestToAuthenticate(without, credentialsOf(without)).headers.get("Authorization"),
    ).toBeNull();
  });

  test("[G18] without an Origin there are no cookies for it to go by", () => {
    const request = offering(`holdfast.token.${base64url("abc")}`, { Cookie: "own=1" });
    expect(requestToAuthenticate(request, credentialsOf(request)).headers.get("Cookie")).toBeNull();
  });

  test("a token cannot break out of its header", () => {
    const request = offering(`holdfast.token.${base64url("a\r\nCookie: own=1")}`);
    const { headers } = requestToAuthenticate(request, credentialsOf(request));
    expect(headers.get("Authorization")).toMatch(/^Bearer ?$/);
    expect(headers.get("Cookie")).toBeNull();
  });
});
