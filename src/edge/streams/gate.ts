import type { IncomingMessage } from "node:http";
import type { Expected } from "../../media/commands.ts";
import type { CarrierMedia } from "../../media/protocol.ts";
import { addressList, clientAddress } from "../address.ts";
import { hasOneGoodHost, isHandshake, type Refusal } from "../guards.ts";
import type { ListenerSettings, MediaSettings } from "../protocol.ts";
import type { UrlRequest } from "../public-url.ts";
import { streamUrlRule } from "./stream-url.ts";
import type { Tokens } from "./tokens.ts";

/** A request that may open a socket. */
export interface Admitted {
  readonly expected: Expected;
  /** Of the client behind our own proxies. */
  readonly address: string;
}

type GateSettings = Omit<ListenerSettings, "webhook" | "media"> & { readonly media: MediaSettings };

/** Decides whether a request may open an audio socket. */
export class Gate {
  readonly #settings: GateSettings;
  readonly #tokens: Tokens;
  readonly #carrier: CarrierMedia;
  readonly #isProxy: ReturnType<typeof addressList>;
  #urlOf: ReturnType<typeof streamUrlRule>;

  constructor(settings: GateSettings, tokens: Tokens, carrier: CarrierMedia) {
    this.#settings = settings;
    this.#tokens = tokens;
    this.#carrier = carrier;
    this.#isProxy = addressList(settings.security.trustedProxyIPs);
    this.#urlOf = streamUrlRule(settings);
  }

  setUrls(urls: Pick<ListenerSettings, "publicUrl" | "streamUrl">): void {
    this.#urlOf = streamUrlRule({ ...this.#settings, ...urls });
  }

  /**
   * Whoever does not know a token that is good now learns nothing but 404. `unavailable`: why there are no sockets at the
   * moment.
   */
  judge(request: IncomingMessage, peer: string | undefined, unavailable: Refusal | null): Admitted | Refusal {
    const target = request.url ?? "";
    const under = `${this.#settings.streamPath}/`;
    if (!target.startsWith(under) || !isHandshake(request)) return { status: 404, reason: "upgrade" };
    const expected = this.#tokens.find(target.slice(under.length));
    if (expected === null) return { status: 404, reason: "stream-token" };
    if (!hasOneGoodHost(request)) return { status: 400, reason: "bad-host" };
    if (unavailable !== null) return unavailable;
    const headers = request.headers as Readonly<Record<string, string | undefined>>;
    return (
      this.#unsigned({ target, headers, peer }) ?? {
        expected,
        address: clientAddress(peer, headers["x-forwarded-for"], this.#isProxy),
      }
    );
  }

  /** Null: it is the carrier's, or nothing is verified. */
  #unsigned(request: UrlRequest): Refusal | null {
    if (this.#settings.media.carrier.skipSignatureVerification) return null;
    try {
      const isGenuine = this.#carrier.admits({ url: this.#urlOf(request), headers: request.headers });
      return isGenuine ? null : { status: 403, reason: "stream-signature" };
    } catch {
      return { status: 500, reason: "stream-fault" };
    }
  }
}
