/** `docs/errors.md`: every error of the catalogue with what happened, why, and what to do. */

import { CATALOGUE, type CatalogueEntry } from "../../src/call/errors.ts";

const INTRODUCTION = `# Errors

Generated from \`src/call/errors.ts\` by \`npm run generate\`.

Everything that voice-call refuses, and everything that can go wrong, has one of these codes. The agent tool, the RPC
methods, the command line and the gateway's log show the same text: what happened, why, what to do next, and the code.
A word in braces is filled in when the error occurs. No message holds a full telephone number, spoken words, digits or
a secret.

*Try again* marks errors after which the same request may succeed without a change.
`;

function section([code, entry]: [string, CatalogueEntry]): string {
  const why = /^\{\w+\}$/u.test(entry.why) ? "The message names the problem." : entry.why;
  const again = entry.retryable === true ? " *Try again.*" : "";
  const what = entry.what.replace(/^(?!voice-call)\w/u, (first) => first.toUpperCase());
  return `## ${code}\n\n**${what}.** ${why}${again}\n\n${entry.next}\n`;
}

/** The page as Markdown. */
export function errorsDoc(): string {
  const entries: [string, CatalogueEntry][] = Object.entries(CATALOGUE);
  return [INTRODUCTION, ...entries.map(section)].join("\n");
}
