import { describe, expect, it } from "vitest";
import { VoiceCallError } from "../../../src/call/errors.ts";
import type { PhoneLine } from "../../../src/call/service.ts";
import {
  paintFor,
  parseTyped,
  plain,
  printable,
  renderError,
  renderLine,
} from "../../../src/carrier/mock/terminal-view.ts";

const line = (kind: PhoneLine["kind"], text: string): PhoneLine => ({
  cursor: 1,
  at: 0,
  carrierCallId: "mock-1",
  kind,
  text,
});

describe("a typed line", () => {
  it.each([
    ["  hello there ", { kind: "say", text: "hello there" }],
    ["", { kind: "nothing" }],
    ["/press 1 2 a#", { kind: "press", digits: "12A#" }],
    ["/press", { kind: "unknown", command: "press" }],
    ["/call", { kind: "call", to: null }],
    ["/call +1 555 000 1234", { kind: "call", to: "+15550001234" }],
    ["/answer", { kind: "answer" }],
    ["/decline", { kind: "decline" }],
    ["/hangup", { kind: "hangup" }],
    ["/help", { kind: "help" }],
    ["/quit", { kind: "quit" }],
    ["/sing", { kind: "unknown", command: "sing" }],
  ])("%j is read as %j", (typed, meaning) => {
    expect(parseTyped(typed)).toEqual(meaning);
  });
});

describe("what is shown", () => {
  it("has no control characters, so that spoken words cannot steer the terminal", () => {
    expect(printable("a\u001B[2Jb\n\tc\u0007\u202Ed")).toBe("a[2Jb cd");
    expect(renderLine(line("spoken", "Hi\u001B]0;title\u0007 you"), false, plain)).toBe("📞 Hi]0;title you");
  });

  it("says of a call with live audio what a terminal cannot do there", () => {
    expect(renderLine(line("listening", ""), false, plain)).toBe("(your turn)");
    expect(renderLine(line("listening", "live audio"), false, plain)).toBe(
      "(this call has live audio: what you type is not heard; /play a WAV file, /press keys, --record what is said)",
    );
  });

  it("names a withheld number as such and every known outcome in words", () => {
    expect(renderLine(line("ringing", ""), false, plain)).toContain("number withheld");
    const outcomes = ["completed", "busy", "no-answer", "canceled", "failed", "rejected"];
    const texts = outcomes.map((outcome) => renderLine(line("ended", outcome), false, plain));
    expect(new Set(texts).size).toBe(outcomes.length);
    expect(renderLine(line("ended", "lost"), false, plain)).toBe("The call is over (lost).");
  });

  it("shows an error of the catalogue with what to do next", () => {
    const shown = renderError(new VoiceCallError("VC_NOBODY_LISTENS"), plain);
    expect(shown).toBe(
      "nobody heard that: The agent is not listening at this moment. Say it again when it has finished.",
    );
    expect(renderError("broken", plain)).toBe("broken");
  });

  it("is coloured in a terminal only, and never with NO_COLOR", () => {
    expect(paintFor({}, true)("agent", "Hi")).toBe("\u001B[36mHi\u001B[0m");
    expect(paintFor({ NO_COLOR: "" }, true)("hint", "Hi")).not.toBe("Hi");
    expect(paintFor({ NO_COLOR: "1" }, true)("agent", "Hi")).toBe("Hi");
    expect(paintFor({}, false)("agent", "Hi")).toBe("Hi");
  });
});
