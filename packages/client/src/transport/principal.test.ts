import { expect, test } from "vitest";
import { TestPage } from "../page.fixture.ts";
import { namePrincipal } from "./principal.ts";

const { environment } = new TestPage();

test.each<[string | undefined, string | undefined]>([
  ["holdfast_principal=abc-_1", "abc-_1"],
  ["a=1; holdfast_principal=abc; b=2", "abc"],
  ["a=1;holdfast_principal=abc", "abc"],
  ["not_holdfast_principal=abc", undefined],
  ["a=holdfast_principal=abc", undefined],
  ["holdfast_principal=", undefined],
  ["", undefined],
  [undefined, undefined],
])("[G12] the cookie names the principal of the page's own server: %s", (cookies, named) => {
  expect(namePrincipal({ ...environment, cookies }, undefined, true)).toBe(named);
  expect(namePrincipal({ ...environment, cookies }, undefined, false)).toBeUndefined();
});

test("[G12] what the app says goes before the cookie", () => {
  const page = { ...environment, cookies: "holdfast_principal=cookie" };
  expect(namePrincipal(page, "alice", true)).toBe("alice");
  expect(namePrincipal(page, () => "bob", false)).toBe("bob");
  expect(namePrincipal(page, () => null, true)).toBe("cookie");
});
