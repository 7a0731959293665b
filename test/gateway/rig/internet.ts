/** Loaded into a gateway before anything else: the names of the stand-ins' tunnels lead to the internet of this test. */

import http from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";

const { STAND_IN_INTERNET: origin = "" } = process.env;
const NAMES = /\.(?:ngrok-free\.app|ngrok\.app|trycloudflare\.com|ts\.net)$/u;

/** `https://name[:port]/path` is at `/name[:port]/path` there. TLS is left out. */
const request = https.request;
https.request = ((url: string, options: http.RequestOptions) => {
  const wanted = typeof url === "string" && URL.canParse(url) ? new URL(url) : null;
  if (wanted === null || !NAMES.test(wanted.hostname)) return request(url, options);
  const { host, pathname, search } = wanted;
  return http.request(`${origin}/${host}${pathname}${search}`, options);
}) as typeof https.request;
syncBuiltinESMExports();
