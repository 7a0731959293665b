import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Identity } from "./vendor.ts";

/** A self-made certificate for these names, good for a day. Its own authority, so a process that is to trust it is given `cert`. */
export function selfMade(names: readonly string[]): Identity {
  const folder = mkdtempSync(path.join(tmpdir(), "certificate-"));
  const at = (name: string): string => path.join(folder, name);
  try {
    const subject = [
      "-subj",
      "/CN=voice-call test",
      "-addext",
      `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`,
    ];
    const key = [
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-keyout",
      at("key.pem"),
    ];
    execFileSync("openssl", ["req", "-x509", ...key, "-days", "1", ...subject, "-out", at("cert.pem")], {
      stdio: "pipe",
    });
    return { key: readFileSync(at("key.pem"), "utf8"), cert: readFileSync(at("cert.pem"), "utf8") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
