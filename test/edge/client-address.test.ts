import { describe, expect, it } from "vitest";
import { addressList, clientAddress } from "../../src/edge/address.ts";

const isProxy = addressList(["10.0.0.0/8", "2001:db8::/32", "127.0.0.1"]);
const of = (peer: string | undefined, forwardedFor?: string): string =>
  clientAddress(peer, forwardedFor, isProxy);

describe("the client of a request", () => {
  it.each<[name: string, peer: string | undefined, forwardedFor: string | undefined, client: string]>([
    ["is its peer", "192.0.2.1", undefined, "192.0.2.1"],
    ["is its peer in the form without IPv6 around it", "::ffff:192.0.2.1", undefined, "192.0.2.1"],
    ["is unknown when the peer is", undefined, "198.51.100.7", "unknown"],
    ["is its peer, whatever a peer that nobody trusts says", "192.0.2.1", "198.51.100.7", "192.0.2.1"],
    ["is what a trusted proxy has seen", "10.1.2.3", "198.51.100.7", "198.51.100.7"],
    [
      "is the last hop that is no proxy of ours",
      "10.1.2.3",
      "203.0.113.9, 198.51.100.7, 10.9.9.9",
      "198.51.100.7",
    ],
    ["is not what the client wrote before that", "10.1.2.3", "1.1.1.1,198.51.100.7", "198.51.100.7"],
    ["is the first proxy when there is none before it", "10.1.2.3", "10.4.4.4", "10.4.4.4"],
    ["is the proxy when it says nothing", "10.1.2.3", "", "10.1.2.3"],
    ["is the proxy when it says no address", "10.1.2.3", "198.51.100.7, unknown", "10.1.2.3"],
    ["is the last proxy before what is no address", "10.1.2.3", "x, 10.4.4.4", "10.4.4.4"],
    ["may have a port", "10.1.2.3", "198.51.100.7:4711", "198.51.100.7"],
    ["may be IPv6", "10.1.2.3", "2606:4700::1", "2606:4700::1"],
    ["may be IPv6 with brackets and a port", "10.1.2.3", "[2606:4700::1]:443", "2606:4700::1"],
    ["may be behind IPv6 proxies", "2001:db8::5", "198.51.100.7", "198.51.100.7"],
  ])("%s", (_, peer, forwardedFor, client) => {
    expect(of(peer, forwardedFor)).toBe(client);
  });

  it("is its peer where no proxy is trusted", () => {
    expect(clientAddress("127.0.0.1", "198.51.100.7", addressList([]))).toBe("127.0.0.1");
  });
});
