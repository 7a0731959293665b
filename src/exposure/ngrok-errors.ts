/**
 * What ngrok's error codes mean. Its own messages are not repeated: those about a token quote the token.
 * Codes: https://ngrok.com/docs/errors/.
 */

const MEANINGS: Readonly<Record<string, string>> = {
  ERR_NGROK_105: "the auth token is malformed; check tunnel.ngrokAuthToken",
  ERR_NGROK_107: "the auth token is not valid any more; check tunnel.ngrokAuthToken",
  ERR_NGROK_108: "the account runs as many agents as it may; stop another one",
  ERR_NGROK_120: "this agent is too old; run `ngrok update`",
  ERR_NGROK_121: "this agent is too old; run `ngrok update`",
  ERR_NGROK_334: "the domain is online in another agent; stop that one",
  ERR_NGROK_6025: "the domain is online in another agent; stop that one",
  ERR_NGROK_4018: "an account is needed; set tunnel.ngrokAuthToken",
  ERR_NGROK_8007: "no ngrok server could be reached",
};

/** The first error code in `words` with its meaning, or nothing. */
export function ngrokComplaint(words: string): string {
  const code = /\bERR_NGROK_\d{1,6}\b/u.exec(words)?.[0];
  if (code === undefined) return "";
  return `${code}: ${MEANINGS[code] ?? `see https://ngrok.com/docs/errors/${code.toLowerCase()}`}`;
}
