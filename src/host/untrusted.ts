/**
 * Puts words from outside between the host's marks for untrusted content, as every tool of the host does, and takes
 * forged marks and model control tokens out of them. `source` says who spoke.
 */
export async function wrapUntrusted(text: string, source: string): Promise<string> {
  const { wrapExternalContent } = await import("openclaw/plugin-sdk/security-runtime");
  return wrapExternalContent(text, { source: "unknown", sender: source, includeWarning: false }).trim();
}
