import type { ProbeAnswer, ProbeFault } from "../probe.ts";

/** What a look at the public URL came to, and what to do about it. */
export interface Finding {
  readonly what: string;
  readonly next: string;
}

const NOT_ANSWERED: Readonly<Record<ProbeFault, Finding>> = {
  name: {
    what: "Its name does not resolve.",
    next: "Correct the host in publicUrl, or its DNS record.",
  },
  refused: {
    what: "The connection is refused.",
    next: "Start the proxy or tunnel behind that URL, or correct its port.",
  },
  unreachable: {
    what: "Its address cannot be reached from here.",
    next: "Check the host in publicUrl, the network and the firewall.",
  },
  tls: {
    what: "The TLS connection fails.",
    next: "Give that host a certificate that is valid for its name and complete with its chain.",
  },
  "time-out": {
    what: "Nothing answers in time.",
    next: "Check the firewall and the proxy; a router may also not lead its own public address back inside.",
  },
  closed: {
    what: "The connection is closed without an answer.",
    next: "Check the log of the proxy or tunnel behind that URL.",
  },
  "not-http": {
    what: "What answers there speaks no HTTP.",
    next: "Correct the port in publicUrl.",
  },
};

export function unanswered({ fault, code }: Extract<ProbeAnswer, { kind: "silence" }>): Finding {
  const { what, next } = NOT_ANSWERED[fault];
  return { what: fault === "tls" ? `${what.slice(0, -1)}: ${code}.` : what, next };
}

/** An answer that is not the proof that was asked for. */
export function answeredWrongly({ status, headers }: Extract<ProbeAnswer, { kind: "answer" }>): Finding {
  if (status >= 300 && status <= 399) {
    const target = shown(headers["location"]);
    return {
      what: `It redirects${target === null ? "" : ` to ${target}`} (HTTP ${status}), and a signature is for one URL only.`,
      next: "Set publicUrl to the final URL, or take the redirect away for it.",
    };
  }
  return ANSWERS[status] ?? elsewhere(status);
}

const ANSWERS: Readonly<Record<number, Finding>> = {
  401: {
    what: "A server in front asks for a login (HTTP 401).",
    next: "Let the webhook's path through without one; the gateway verifies the carrier's signatures itself.",
  },
  403: {
    what: "A server in front does not let us in (HTTP 403).",
    next: "Let the webhook's path through; the gateway verifies the carrier's signatures itself.",
  },
  404: {
    what: "Nothing is at that path there (HTTP 404).",
    next: "Make the path in publicUrl and the proxy's rule agree with serve.path, and the proxy's target with serve.port.",
  },
  // What a listener of ours answers to a GET that is no check of its own.
  405: {
    what: "It takes webhooks, but knows nothing of this check (HTTP 405).",
    next: "Either it is another gateway: correct publicUrl or the proxy's target. Or a proxy removes the query: keep it.",
  },
  502: {
    what: "A proxy answers, but does not reach the listener (HTTP 502).",
    next: "Correct the proxy's target: it has to be serve.bind and serve.port of this gateway.",
  },
  503: {
    what: "What answers there is not available (HTTP 503).",
    next: "Check the proxy or tunnel behind that URL and its target; try again in a moment.",
  },
  504: {
    what: "A proxy answers, but the listener does not answer it (HTTP 504).",
    next: "Correct the proxy's target: it has to be serve.bind and serve.port of this gateway.",
  },
};

const elsewhere = (status: number): Finding => ({
  what: `Another server answers there (HTTP ${status}).`,
  next: "Correct publicUrl, or have that server pass the path on to serve.bind and serve.port of this gateway.",
});

/** Origin and path of a URL; its query may hold a secret. Null when it is no whole URL. */
export function shown(url: string | undefined): string | null {
  if (url === undefined || !URL.canParse(url)) return null;
  const { origin, pathname } = new URL(url);
  return origin === "null" ? null : origin + pathname;
}
