import { randomUUID } from "node:crypto";
import type { CallTime } from "../call-time.ts";
import type { DeliveryKind, Hook } from "./delivery.ts";
import type { PersonScript } from "../person.ts";
import type { Params } from "./signature.ts";
import { childrenOf, textOf, type Element } from "./xml.ts";

/** What a `<Dial>` needs of its call. */
export interface DialLine {
  readonly uuid: string;
  readonly clock: CallTime;
  /** The person at that number, E.164 or a SIP address. */
  personAt(number: string): PersonScript;
  /** The call is connected to that number. */
  connected(number: string): void;
  tell(kind: DeliveryKind, hook: Hook, more: Params): Promise<void>;
}

/** Default of `timeout`, seconds. */
const RINGS = 120;

interface Outcome {
  readonly status: string;
  readonly cause: string;
}

const OUTCOMES: Readonly<Record<Exclude<PersonScript["onRing"], "answers">, Outcome>> = {
  busy: { status: "busy", cause: "USER_BUSY" },
  "no-answer": { status: "no-answer", cause: "NO_ANSWER" },
  fails: { status: "failed", cause: "UNALLOCATED_NUMBER" },
  declines: { status: "busy", cause: "CALL_REJECTED" },
};

/**
 * Connects the call to the first number that answers, until that side hangs up. Resolves with the fields of the action
 * request, or null when the call is over.
 */
export async function dial(element: Element, line: DialLine, signal: AbortSignal): Promise<Params | null> {
  const { timeout } = element.attributes;
  const rings = timeout === undefined ? RINGS : Number(timeout);
  let outcome: Outcome = OUTCOMES.fails;
  for (const child of childrenOf(element)) {
    const number = address(textOf(child).trim());
    const script = line.personAt(number);
    const answers = script.onRing === "answers" && script.ringMs <= rings * 1000;
    const ringMs = answers ? script.ringMs : script.onRing === "no-answer" ? rings * 1000 : 0;
    if (!(await line.clock.sleep(ringMs, signal))) return null;
    if (answers) return talk(element, number, script, line, signal);
    outcome = script.onRing === "answers" ? OUTCOMES["no-answer"] : OUTCOMES[script.onRing];
    if (outcome.status === "no-answer" && timeout !== undefined) outcome = { ...outcome, status: "timeout" };
  }
  return result(line, outcome, "");
}

async function talk(
  element: Element,
  number: string,
  script: PersonScript,
  line: DialLine,
  signal: AbortSignal,
): Promise<Params | null> {
  const other = randomUUID();
  line.connected(number);
  await report(element, line, {
    DialAction: "answer",
    DialBLegStatus: "answer",
    ...leg(line, other, number),
  });
  const stays =
    script.hangUpAfterMs === null ? untilAborted(signal) : line.clock.sleep(script.hangUpAfterMs, signal);
  if (!(await stays)) return null;
  await report(element, line, {
    DialAction: "hangup",
    DialBLegStatus: "hangup",
    ...leg(line, other, number),
  });
  return result(line, { status: "completed", cause: "NORMAL_CLEARING" }, other);
}

const result = (line: DialLine, { status, cause }: Outcome, other: string): Params => ({
  DialStatus: status,
  DialRingStatus: String(status !== "failed"),
  DialHangupCause: cause,
  DialALegUUID: line.uuid,
  DialBLegUUID: other,
});

const leg = (line: DialLine, other: string, number: string): Params => ({
  DialALegUUID: line.uuid,
  DialBLegUUID: other,
  DialBLegTo: number.replace(/^\+/, ""),
});

async function report(element: Element, line: DialLine, fields: Params): Promise<void> {
  const { callbackUrl, callbackMethod } = element.attributes;
  if (callbackUrl === undefined) return;
  await line.tell(
    "callback",
    { url: callbackUrl, method: callbackMethod === "GET" ? "GET" : "POST" },
    fields,
  );
}

const untilAborted = (signal: AbortSignal): Promise<false> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(false), { once: true }));

const address = (text: string): string => (/^[0-9]+$/.test(text) ? `+${text}` : text);
