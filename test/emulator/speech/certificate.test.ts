import { X509Certificate } from "node:crypto";
import { expect, it } from "vitest";
import { selfMade } from "./certificate.ts";

it("a self-made certificate is for its names, now, and vouches for itself", () => {
  const certificate = new X509Certificate(selfMade(["api.example.com", "other.example.com"]).cert);
  expect(certificate.checkHost("api.example.com")).toBe("api.example.com");
  expect(certificate.checkHost("other.example.com")).toBe("other.example.com");
  expect(certificate.checkHost("example.com")).toBeUndefined();
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.ca).toBe(true);
  expect(certificate.validFromDate.getTime()).toBeLessThan(Date.now());
  expect(certificate.validToDate.getTime()).toBeGreaterThan(Date.now());
});
