import { describe, expect, test } from "vitest";
import { UserError } from "../errors.ts";
import { describeProxy, proxyRules } from "./proxy-rules.ts";

const BOTH = { HTTP_PROXY: "http://plain:1", HTTPS_PROXY: "http://secure:2" };

function proxyOf(address: string, environment: Record<string, string>): string | undefined {
  return proxyRules(environment)?.(new URL(address))?.url.host;
}

test.each([
  ["http://a.test/", BOTH, "plain:1"],
  ["https://a.test/", BOTH, "secure:2"],
  ["https://a.test/", { HTTP_PROXY: "http://plain:1" }, undefined],
  ["https://a.test/", { ...BOTH, https_proxy: "http://lower:3" }, "lower:3"],
  ["https://a.test/", { ...BOTH, https_proxy: "" }, undefined],
  ["https://a.test/", { HTTPS_PROXY: "bare.test:8080" }, "bare.test:8080"],
  ["https://a.test/", { HTTPS_PROXY: "https://user:secret@own.test:9" }, "own.test:9"],
])("%s with %o", (address, environment, expected) => {
  expect(proxyOf(address, environment)).toBe(expected);
});

test("no rules without a proxy", () => {
  expect(proxyRules({})).toBeUndefined();
  expect(proxyRules({ HTTP_PROXY: " ", NO_PROXY: "a.test" })).toBeUndefined();
});

test.each([
  "http://127.0.0.1:8000/v1",
  "http://127.1.2.3/",
  "http://localhost:8000/",
  "http://judge.localhost/",
  "http://[::1]:8000/",
  "http://0.0.0.0:8000/",
])("this machine is never asked by way of a proxy: %s", (address) => {
  expect(proxyOf(address, { ...BOTH, NO_PROXY: "other.test" })).toBeUndefined();
});

describe("NO_PROXY", () => {
  test.each([
    ["a.test", "http://a.test/", true],
    ["a.test", "http://sub.A.test/", true],
    ["a.test", "http://ba.test/", false],
    [".a.test", "http://a.test/", true],
    ["*.a.test", "http://sub.a.test/", true],
    ["b.test, a.test", "http://a.test/", true],
    ["b.test a.test", "http://a.test/", true],
    ["a.test:80", "http://a.test/", true],
    ["a.test:8080", "http://a.test/", false],
    ["a.test:443", "https://a.test/", true],
    ["*", "http://a.test/", true],
    ["10.0.0.0/8", "http://10.1.2.3:8000/", true],
    ["10.0.0.0/8", "http://11.1.2.3:8000/", false],
    ["10.0.0.0/64", "http://10.1.2.3:8000/", false],
    ["10.0.0.0/8", "http://10.test/", false],
    ["10.1.2.3", "http://10.1.2.3:8000/", true],
    ["fd00::/8", "http://[fd00::1]/", true],
    ["fd00::1", "http://[fd00::1]:8000/", true],
    ["[fd00::1]:8000", "http://[fd00::1]:8000/", true],
    ["[fd00::1]:8000", "http://[fd00::1]:9000/", false],
  ])("%s: %s goes directly: %s", (list, address, isDirect) => {
    expect(proxyOf(address, { ...BOTH, NO_PROXY: list }) === undefined).toBe(isDirect);
    expect(proxyOf(address, { ...BOTH, NO_PROXY: "", no_proxy: list }) === undefined).toBe(isDirect);
  });
});

test("a password stands in no message", () => {
  const rules = proxyRules({ HTTPS_PROXY: "http://user:secret@proxy.test:3128" });
  const proxy = rules!(new URL("https://a.test/"))!;
  expect(describeProxy(proxy)).toBe("HTTPS_PROXY is http://proxy.test:3128");
  for (const wrong of ["socks5://user:secret@proxy.test", "http://user:secret@proxy.test:99999"]) {
    const broken = (): unknown => proxyRules({ HTTPS_PROXY: wrong });
    expect(broken).toThrow(UserError);
    expect(broken).toThrow(
      /^HTTPS_PROXY: expected the address of an HTTP proxy, such as http:((?!secret).)*$/,
    );
  }
});
