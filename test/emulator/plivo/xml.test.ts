import { describe, expect, it } from "vitest";
import { newDocument, type Writer } from "./desk.ts";
import { ATTRIBUTES, judge, NESTED, NOT_RUN } from "./rules.ts";
import { childrenOf, parseXml, textOf } from "./xml.ts";

const problemsOf = (inside: string): readonly string[] =>
  judge(parseXml(`<Response>${inside}</Response>`)).problems;
const fatalOf = (inside: string): string | null => judge(parseXml(`<Response>${inside}</Response>`)).fatal;

describe("a document", () => {
  it("is read with its elements, attributes and text in order", () => {
    const document = parseXml(
      `<?xml version="1.0" encoding="UTF-8"?><!-- a --><Response><Speak voice='Polly.Amy'>A &amp; <s>B&#x21;</s> C</Speak><Wait length="2"/></Response>`,
    );
    const [speak, wait] = childrenOf(document);
    expect(speak && textOf(speak)).toBe("A & B! C");
    expect(speak?.attributes).toEqual({ voice: "Polly.Amy" });
    expect(wait?.attributes).toEqual({ length: "2" });
  });

  it.each([
    ["nothing", ""],
    ["words", "hello"],
    ["another root", "<Speak>x</Speak>"],
    ["two roots", "<Response/><Response/>"],
    ["an open element", "<Response><Speak>x</Response>"],
    ["a bare &", "<Response><Redirect>https://a.test/?a=1&b=2</Redirect></Response>"],
    ["something before the declaration", ' <?xml version="1.0"?><Response/>'],
    ["an attribute twice", '<Response><Wait length="1" length="2"/></Response>'],
    ["an unknown entity", "<Response><Speak>&nbsp;</Speak></Response>"],
    ["a control character", "<Response><Speak>\u0007</Speak></Response>"],
  ])("is refused when it is %s", (_, source) => {
    expect(() => parseXml(source)).toThrow(SyntaxError);
  });
});

describe("the rules", () => {
  it("know the elements, attributes and nesting that the official package writes", () => {
    const response = newDocument();
    const input = response.addGetInput({});
    const dial = response.addDial({});
    const written: readonly Writer[] = [
      response,
      input,
      dial,
      response.addSpeak("x", {}),
      response.addPlay("x"),
      response.addWait({}),
      response.addGetDigits({}),
      response.addDTMF("1"),
      response.addRedirect("x"),
      response.addHangup({}),
      response.addStream("x", {}),
      dial.addNumber("1"),
      dial.addUser("sip:a@b.test"),
    ];
    for (const { element, valid_attributes, nestables } of written) {
      expect([element, ATTRIBUTES[element]]).toEqual([element, valid_attributes]);
      const nested = [...(NESTED[element] ?? []), ...(element === "Response" ? NOT_RUN : [])];
      expect([element, nested.toSorted()]).toEqual([element, nestables.toSorted()]);
    }
    expect(Object.keys(ATTRIBUTES).toSorted()).toEqual(written.map(({ element }) => element).toSorted());
  });

  it("say what is wrong with values", () => {
    const action = "https://voice.example.test/input";
    expect(
      problemsOf(
        `<GetInput action="${action}" inputType="speech" executionTimeout="5" speechEndTimeout="auto"/>`,
      ),
    ).toEqual([]);
    expect(problemsOf(`<GetInput action="${action}" executionTimeout="61"/>`)).toEqual([
      'GetInput executionTimeout="61"',
    ]);
    expect(problemsOf(`<GetInput action="${action}" speechEndTimeout="1"/>`)).toEqual([
      'GetInput speechEndTimeout="1"',
    ]);
    expect(problemsOf(`<GetInput action="${action}" language="en"/>`)).toEqual(['GetInput language="en"']);
    expect(problemsOf(`<GetInput action="${action}" actionOnEmptyResult="true"/>`)).toEqual([
      "GetInput has no attribute actionOnEmptyResult",
    ]);
    expect(problemsOf("<GetInput/>")).toEqual(["GetInput leads nowhere"]);
    expect(problemsOf("<Redirect>/next</Redirect>")).toEqual(["Redirect is not absolute"]);
    expect(problemsOf('<Hangup reason="policy"/>')).toEqual(['Hangup reason="policy"']);
    expect(problemsOf("<Speak> </Speak>")).toEqual(["an empty Speak"]);
    expect(problemsOf(`<Speak>${"x".repeat(3001)}</Speak>`)).toEqual([
      "Speak is longer than 3000 characters",
    ]);
    expect(problemsOf("<Speak>a<break/></Speak>")).toEqual(["SSML with the voice WOMAN"]);
    expect(problemsOf("<Conference>room</Conference>")).toEqual(["Conference is not run here"]);
    expect(problemsOf("<Number>15550101234</Number>")).toEqual(["Number in Response"]);
  });

  it("know which voice speaks which language", () => {
    for (const good of [
      "",
      'language="de-DE"',
      'voice="Polly.Mizuki" language="ja-JP"',
      'voice="MAN" language="en-GB"',
    ]) {
      expect([good, fatalOf(`<Speak ${good}>x</Speak>`)]).toEqual([good, null]);
    }
    expect(fatalOf('<Speak language="ja-JP">x</Speak>')).toBe("WOMAN does not speak ja-JP");
    expect(fatalOf('<Speak voice="Polly.Joanna" language="de-DE">x</Speak>')).toBe(
      "Polly.Joanna does not speak de-DE",
    );
    expect(problemsOf('<Speak voice="alice">x</Speak>')).toEqual(["unknown voice alice"]);
  });

  it("refuse what is no Plivo element", () => {
    expect(fatalOf("<Say>x</Say>")).toBe("unknown element Say");
    expect(fatalOf("<Speak><Play>x</Play></Speak>")).toBe("Play in Speak");
    expect(fatalOf("<Dial><Number> </Number></Dial>")).toBe("an empty Number");
  });
});
