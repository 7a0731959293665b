/** The `apiBaseUrl` that every carrier section has. */

import { text } from "./option.ts";

/** https to anywhere, or plain http to this machine; no user info, so that no secret hides in a URL. */
const API_BASE_URL =
  "^(https://[^\\s/?#@\\\\]+(/[^\\s\\\\]*)?|http://(localhost|127(\\.[0-9]{1,3}){3}|\\[::1\\])(:[0-9]{1,5})?(/[^\\s\\\\]*)?)$";

/** Optional base URL of the carrier's REST API. */
export function apiBaseUrl(carrier: string) {
  return text(
    "API base URL",
    `Base URL of the ${carrier} REST API, for compatible services, proxies and tests. https, or http on loopback only, since requests carry the account's credentials.`,
    {
      pattern: API_BASE_URL,
      form: "an https URL, or an http URL on loopback",
      otherwise: `${carrier}'s own`,
      advanced: true,
    },
  );
}
