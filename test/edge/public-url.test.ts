import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressList, isLoopback, plainAddress } from "../../src/edge/address.ts";
import { parseHost, publicUrlRule, type UrlRequest } from "../../src/edge/public-url.ts";

const NONE = { allowedHosts: [], trustForwardingHeaders: false, trustedProxyIPs: [] };
type Security = Partial<Parameters<typeof publicUrlRule>[0]["security"]>;

const FORWARDED = { "x-forwarded-proto": "https", "x-forwarded-host": "voice.example.test" };

function rebuild(
  security: Security,
  request: Partial<UrlRequest> = {},
  publicUrl: string | null = null,
): string {
  const headers = { host: "127.0.0.1:3334", ...FORWARDED, ...request.headers };
  const rule = publicUrlRule({ publicUrl, security: { ...NONE, ...security } });
  return rule({ target: "/w?a=%27'&b", peer: "10.0.0.1", ...request, headers });
}

const OWN = "http://127.0.0.1:3334/w?a=%27'&b";
const PUBLIC = "https://voice.example.test/w?a=%27'&b";

describe("a configured public URL", () => {
  it.each([
    ["https://Voice.example.test:443/Hook", "https://Voice.example.test:443/Hook?a=%27'&b"],
    ["https://u:p@voice.example.test/hook#ct=2000", "https://u:p@voice.example.test/hook?a=%27'&b"],
    ["https://voice.example.test/hook?old=1#f", "https://voice.example.test/hook?a=%27'&b"],
  ])("%s always wins and keeps its spelling", (url, expected) => {
    expect(rebuild({ trustForwardingHeaders: true }, {}, url)).toBe(expected);
  });

  it("adds nothing to a request without a query", () => {
    expect(rebuild({}, { target: "/w#f" }, "https://a.test/hook")).toBe("https://a.test/hook");
  });
});

describe("forwarding headers", () => {
  it.each<[string, Security, Partial<UrlRequest>, string]>([
    ["are ignored by default", {}, {}, OWN],
    ["count when trusted without a list", { trustForwardingHeaders: true }, {}, PUBLIC],
    ["count from a listed proxy", { trustedProxyIPs: ["10.0.0.1"] }, {}, PUBLIC],
    [
      "count from a listed proxy seen as mapped IPv6",
      { trustedProxyIPs: ["10.0.0.1"] },
      { peer: "::ffff:10.0.0.1" },
      PUBLIC,
    ],
    ["count from a listed range", { trustedProxyIPs: ["10.0.0.0/8"] }, {}, PUBLIC],
    ["do not count from another address", { trustedProxyIPs: ["10.0.0.2"] }, {}, OWN],
    ["do not count from an unknown address", { trustedProxyIPs: ["10.0.0.1"] }, { peer: undefined }, OWN],
    ["do not count from a list nobody matches", { trustedProxyIPs: ["proxy.example"] }, {}, OWN],
    ["count for an allowed host", { allowedHosts: ["Voice.example.test"] }, {}, PUBLIC],
    ["do not count for another host", { allowedHosts: ["example.test"] }, {}, OWN],
    [
      "do not count for an allowed host with another port",
      { allowedHosts: ["voice.example.test:8443"] },
      {},
      OWN,
    ],
    [
      "do not count from an unlisted peer for an allowed host",
      { allowedHosts: ["voice.example.test"], trustedProxyIPs: ["10.0.0.2"] },
      {},
      OWN,
    ],
    [
      "do not count from a listed peer for another host",
      { allowedHosts: ["other.test"], trustedProxyIPs: ["10.0.0.1"] },
      {},
      OWN,
    ],
    [
      "count when both lists agree",
      { allowedHosts: ["voice.example.test"], trustedProxyIPs: ["10.0.0.1"] },
      {},
      PUBLIC,
    ],
    [
      "do not count against a list by general trust",
      { trustForwardingHeaders: true, allowedHosts: ["o.test"] },
      {},
      OWN,
    ],
  ])("%s", (_, security, request, expected) => {
    expect(rebuild(security, request)).toBe(expected);
  });

  it.each<[string, Record<string, string | undefined>, string]>([
    ["take the value our own peer wrote", { "x-forwarded-host": "evil.test, voice.example.test" }, PUBLIC],
    ["may name the scheme alone", { "x-forwarded-host": undefined, host: "voice.example.test" }, PUBLIC],
    ["may name a port", { "x-forwarded-port": "8443" }, PUBLIC.replace("test/", "test:8443/")],
    ["drop the scheme's own port", { "x-forwarded-port": "443" }, PUBLIC],
    [
      "prefer the host's port",
      { "x-forwarded-host": "voice.example.test:8443", "x-forwarded-port": "443" },
      PUBLIC.replace("test/", "test:8443/"),
    ],
    ["with another scheme are ignored", { "x-forwarded-proto": "javascript" }, OWN],
    ["with a malformed host are ignored", { "x-forwarded-host": "a/b" }, OWN],
    ["with a malformed port are ignored", { "x-forwarded-port": "0" }, OWN],
    [
      "of the other kind are never read",
      { ...empty(), forwarded: "host=voice.example.test;proto=https" },
      OWN,
    ],
  ])("%s", (_, headers, expected) => {
    expect(rebuild({ trustForwardingHeaders: true }, { headers })).toBe(expected);
  });
});

describe("a Host header", () => {
  it.each(["a", "A.example:1", "[::1]:80", "[fe80::1]", "127.0.0.1", "a_b.test"])("%s is good", (text) => {
    expect(parseHost(text)).not.toBeNull();
  });

  it.each(["", "[", "[]", "[::1", "::1", "a:", "a:x", "a:0", "a b", "a@b", "a,b", "ä", "a/b", "[1.2.3.4]"])(
    "%j is malformed",
    (text) => {
      expect(parseHost(text)).toBeNull();
    },
  );

  it("of any text is judged without throwing, and a good one is the host and port of a URL", () => {
    const v6 = fc.ipV6().map((ip) => `[${ip}]`);
    const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: null });
    fc.assert(
      fc.property(fc.oneof(fc.domain(), fc.ipV4(), v6), port, fc.string(), (name, port, noise) => {
        const text = port === null ? name : `${name}:${port}`;
        expect(parseHost(text)).toEqual({ name: name.toLowerCase(), port });
        const parsed = parseHost(noise);
        expect(parsed === null || noise.toLowerCase().startsWith(parsed.name)).toBe(true);
      }),
    );
  });
});

describe("an address", () => {
  it.each([
    ["::ffff:10.0.0.1", "10.0.0.1"],
    ["::FFFF:0a00:0001", "10.0.0.1"],
    ["0:0:0:0:0:ffff:a00:1", "10.0.0.1"],
    ["FE80::0001%eth0", "fe80::1"],
    ["10.0.0.1", "10.0.0.1"],
    ["", null],
    ["localhost", null],
    ["10.0.0.1.evil", null],
  ])("%s is read as %s", (text, expected) => {
    expect(plainAddress(text)).toBe(expected);
  });

  it.each([
    ["127.0.0.1", true],
    ["127.9.9.9", true],
    ["::1", true],
    ["::ffff:127.0.0.1", true],
    ["10.0.0.1", false],
    ["::2", false],
    [undefined, false],
  ])("%s on loopback: %s", (address, expected) => {
    expect(isLoopback(address)).toBe(expected);
  });

  it("is matched by list entries of either family, ranges included, and by no malformed entry", () => {
    const matches = addressList([
      "::ffff:192.0.2.1",
      "2001:db8::/32",
      "198.51.100.0/24",
      "203.0.113.0/",
      "203.0.113.0/33",
    ]);
    expect(["192.0.2.1", "2001:db8::5", "198.51.100.77"].map(matches)).toEqual([true, true, true]);
    expect(["192.0.2.2", "2001:db9::5", "203.0.113.0", undefined].map(matches)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});

function empty(): Record<string, undefined> {
  return { "x-forwarded-proto": undefined, "x-forwarded-host": undefined };
}
