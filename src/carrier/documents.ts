import type { Instruction } from "../call/instruction.ts";
import type { CallRef, DocumentContent, WebhookReply } from "../call/ports.ts";

/** The call a document is for, and how its callbacks are written. */
export interface Page {
  readonly call: Pick<CallRef, "id" | "direction" | "from" | "to" | "route" | "limits" | "screening">;
  readonly webhookUrl: string;
  /** A new single-use word for a fetch. */
  nonce(): string;
  /** Where the call's audio socket is expected under this token: `CarrierContext.openStream`. */
  streamUrl(token: string): string;
}

/** How a carrier of documents writes them. */
export interface Markup {
  renderInstruction(page: Page, instruction: Instruction): string;
  renderWait(page: Page, ms?: number): string;
  renderHangup(): string;
  renderReject(reason: "policy" | "busy"): string;
}

/** The document for `content`; `pageOf` is asked only where the call is needed. */
export function documentReply(
  markup: Markup,
  pageOf: (call: CallRef) => Page,
  call: CallRef | null,
  content: DocumentContent,
): WebhookReply {
  const render = (): string => {
    if (content.kind === "reject") return markup.renderReject(content.reason);
    // Whoever has no call on record has nothing to wait for.
    if (content.kind === "hangup" || call === null) return markup.renderHangup();
    const page = pageOf(call);
    return content.kind === "wait"
      ? markup.renderWait(page, content.ms)
      : markup.renderInstruction(page, content.instruction);
  };
  return { status: 200, contentType: "text/xml; charset=utf-8", body: render() };
}

/** A call made by a lost request was created around the time we asked: clocks differ, surplus calls are queued. */
const FIND_BEFORE_MS = 30_000;
const FIND_AFTER_MS = 120_000;

/** Whether a call that began at the carrier at `startedAt` may be the one that we asked for at `createdAt`. */
export function isAround(createdAt: number, startedAt: number): boolean {
  const late = startedAt - createdAt;
  return late >= -FIND_BEFORE_MS && late <= FIND_AFTER_MS;
}
