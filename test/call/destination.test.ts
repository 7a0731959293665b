import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { checkDestination } from "../../src/call/destination.ts";
import { isVoiceCallError } from "../../src/call/errors.ts";
import { GUARDS, type Guard } from "../../src/call/guard/guards.ts";
import { configOf } from "./bench.ts";

const DEFAULTS = configOf();
const config = (outbound: Record<string, unknown>) => configOf({ outbound });

/** "dialled", or the code of the refusal. */
function verdict(written: string, inForce = DEFAULTS, overrides: readonly Guard[] = []): string {
  try {
    checkDestination(written, inForce, overrides);
    return "dialled";
  } catch (error) {
    if (!isVoiceCallError(error)) throw error;
    return error.code;
  }
}

describe("an emergency number", () => {
  test.each([
    "112",
    "911",
    "999",
    "000",
    "110",
    "119",
    "100",
    "101",
    "108",
    "113",
    "115",
    "117",
    "118",
    "15",
  ])("is refused as the bare %s", (number) => {
    expect(verdict(number)).toBe("VC_DESTINATION_EMERGENCY");
  });

  test("is any bare string of two to four digits, and nothing longer or shorter is", () => {
    const short = [2, 3, 4].flatMap((length) =>
      Array.from({ length: 10 ** length }, (_, number) => String(number).padStart(length, "0")),
    );
    expect(short.filter((written) => verdict(written) !== "VC_DESTINATION_EMERGENCY")).toEqual([]);
    for (const written of ["", "1", "11911", "5550100"]) expect(verdict(written)).toBe("VC_NUMBER_INVALID");
  });

  test.each([
    ["+1911", "USA"],
    ["+49112", "Germany"],
    ["+49110", "Germany, police"],
    ["+44999", "Great Britain"],
    ["+44112", "Great Britain, by 112"],
    ["+440999", "with a trunk zero"],
    ["+81110", "Japan, police"],
    ["+81119", "Japan, fire"],
    ["+61000", "Australia"],
    ["+64111", "New Zealand"],
    ["+33 15", "France, ambulance"],
    ["+33 (18)", "France, fire"],
    ["+39118", "Italy, ambulance"],
    ["+41144", "Switzerland, ambulance"],
    ["+43133", "Austria, police"],
    ["+34112", "Spain"],
    ["+55190", "Brazil, police"],
    ["+86120", "China, ambulance"],
    ["+91108", "India, ambulance"],
    ["+972101", "Israel, ambulance"],
    ["+7103", "Russia, ambulance"],
    ["+82-119", "Korea, fire"],
    ["+420155", "Czechia, ambulance"],
    ["+2411305", "Gabon, police"],
    ["+353999", "Ireland"],
    ["+683999", "Niue, where only the common ones are known"],
    ["+911", "written with a plus sign by mistake"],
    ["+112", "112 with a plus sign"],
    ["1-1-2", "with punctuation"],
    [" 9.1.1 ", "with more punctuation"],
    ["+19115550100", "a number that begins like one: a switch may connect at 911"],
  ])("is refused as %j (%s)", (written) => {
    expect(verdict(written)).toBe("VC_DESTINATION_EMERGENCY");
  });

  test.each(["+4930", "+1555", "+49999999", "+12", "+", "+3530", "112a", "tel:112", "+0112"])(
    "is not what %j is, which is no number at all",
    (written) => {
      expect(["VC_NUMBER_INVALID", "dialled"]).toContain(verdict(written));
    },
  );

  test.each([
    ["112", "112"],
    ["1-1-2", "112"],
    ["+49 112", "+49112"],
    ["+1911", "+1911"],
  ])("that is allowed is dialled as it was written: %j", (written, to) => {
    expect(checkDestination(written, config({ allowEmergency: true }))).toEqual({
      to,
      emergency: true,
      overridden: [{ guard: "emergency", by: "configuration" }],
    });
  });

  it("that is allowed needs no entry in the list of callees", () => {
    const inForce = config({ allowEmergency: true, allowTo: ["+15550100001"] });
    expect(verdict("112", inForce)).toBe("dialled");
    expect(verdict("112", config({ allowTo: ["+49*"] }), ["emergency"])).toBe("dialled");
  });
});

describe("an expensive number", () => {
  test.each([
    ["+19002345678", "USA 900"],
    ["+12129761234", "an exchange 976"],
    ["+449012345678", "Great Britain 09"],
    ["+448431234567", "Great Britain 084"],
    ["+448712345678", "Great Britain 087"],
    ["+499001234567", "Germany 0900"],
    ["+491371234567", "Germany 0137"],
    ["+4918012345", "Germany 0180"],
    ["+33891123456", "France 089"],
    ["+33810123456", "France 081"],
    ["+39899123456", "Italy 899"],
    ["+39892123", "Italy 892"],
    ["+34803123456", "Spain 803"],
    ["+34807123456", "Spain 807"],
    ["+34905123456", "Spain 905"],
    ["+319061234", "Netherlands 0906"],
    ["+319091234567", "Netherlands 0909"],
    ["+3290012345", "Belgium 0900"],
    ["+41900123456", "Switzerland 0900"],
    ["+43900123456", "Austria 0900"],
    ["+351760123456", "Portugal 760"],
    ["+469001234567", "Sweden 0900"],
    ["+358600123456", "Finland 0600"],
    ["+48701234567", "Poland 70"],
    ["+309091234567", "Greece 909"],
    ["+909001234567", "Türkiye 900"],
    ["+78091234567", "Russia 809"],
    ["+27862345678", "South Africa 086"],
    ["+81990123456", "Japan 0990"],
    ["+82602345678", "Korea 060"],
    ["+6519001234567", "Singapore 1900"],
    ["+611900123456", "Australia 1900"],
    ["+64900123456", "New Zealand 0900"],
    ["+3531520123456", "Ireland 1520"],
    ["+883510012345", "international networks"],
    ["+979112345678", "international premium rate"],
    ["+80812345678", "international shared cost"],
  ])("is refused: %s (%s)", (number) => {
    expect(verdict(number)).toBe("VC_DESTINATION_PREMIUM");
    expect(verdict(number, config({ allowPremium: true }))).toBe("dialled");
    expect(verdict(number, DEFAULTS, ["premium"])).toBe("dialled");
    expect(verdict(number, DEFAULTS, ["emergency", "allow-list"])).toBe("VC_DESTINATION_PREMIUM");
  });

  test.each(["+870776123456", "+881612345678", "+8821612345678"])(
    "is refused on a satellite: %s",
    (number) => {
      expect(() => checkDestination(number, DEFAULTS)).toThrow(/It is a satellite number/);
    },
  );

  it("is told apart from a satellite in words", () => {
    expect(() => checkDestination("+19002345678", DEFAULTS)).toThrow(
      /It is a premium-rate or shared-cost number/,
    );
  });
});

/** A landline, a mobile and a freephone number each, as the plan of the country shapes them. */
const ORDINARY: Readonly<Record<string, string>> = {
  USA: "+12015550123 +14155550100 +19095550100 +19785550100 +18002345678 +18009761234 +12125550976",
  Canada: "+15065550100 +16045550100 +18882345678",
  Dominica: "+17675550100 +18095550100",
  Mexico: "+522001234567 +525512345678 +528001234567",
  Brazil: "+551123456789 +5511961234567 +55800123456",
  Argentina: "+541123456789 +5491123456789 +548001234567",
  Colombia: "+576012345678 +573211234567 +5718001234567",
  "Great Britain": "+442079460958 +441212345678 +447400123456 +447700900123 +448001234567 +443001234567",
  Ireland: "+3532212345 +35315201234 +35318501234 +353850123456 +3531800123456",
  France: "+33123456789 +33612345678 +33712345678 +33912345678 +33801234567",
  Germany: "+4930123456 +493812345678 +4915123456789 +4917612345678 +498001234567890 +4990612345",
  Netherlands: "+31101234567 +31201234567 +31612345678 +318001234",
  Belgium: "+3212345678 +3271234567 +32450001234 +32470123456 +3280012345",
  Switzerland: "+41212345678 +41781234567 +41800123456",
  Austria: "+431234567890 +43316123456 +43664123456 +43800123456",
  Italy: "+390212345678 +39061234567 +393123456789 +393899123456 +39800123456",
  Spain: "+34810123456 +34912345678 +34612345678 +34712345678 +34800123456 +34900123456",
  Portugal: "+351212345678 +351912345678 +351800123456",
  Denmark: "+4532123456 +4534412345 +4580123456",
  Sweden: "+468123456 +4690123456 +46701234567 +4620123456",
  Norway: "+4721234567 +4740612345 +4790612345 +4780012345",
  Finland: "+358131234567 +358412345678 +358800123456",
  Poland: "+48123456789 +48221234567 +48512345678 +48790123456 +48800123456",
  Czechia: "+420212345678 +420601123456 +420800123456",
  Hungary: "+3612345678 +36201234567 +3680123456",
  Romania: "+40211234567 +40712034567 +40800123456",
  Greece: "+302123456789 +306912345678 +308001234567",
  Türkiye: "+902123456789 +905012345678 +908001234567",
  Russia: "+74951234567 +78121234567 +79123456789 +78001234567",
  Ukraine: "+380441234567 +380501234567 +380901234567 +380800123456",
  "South Africa": "+27101234567 +27871234567 +27711234567 +27801234567",
  Egypt: "+20234567890 +201001234567 +208001234567",
  Kenya: "+254202012345 +254712123456 +254800223456",
  Israel: "+97221234567 +972502345678 +9721800123456",
  "Saudi Arabia": "+966112345678 +966512345678 +9668001234567",
  India: "+917410410123 +911123456789 +919812345678 +911800123456",
  China: "+861012345678 +8613123456789 +8613812345678 +8618012345678 +8619012345678 +868001234567",
  "Hong Kong": "+85221234567 +85251234567 +85290123456 +852800123456",
  Japan: "+81312345678 +819012345678 +81120123456",
  Korea: "+8222123456 +821020000000 +82801234567",
  Singapore: "+6561234567 +6581234567 +6590123456 +6518001234567",
  Thailand: "+6621234567 +66812345678 +66901234567 +661800123456",
  Australia: "+61212345678 +61412345678 +61491570156 +611300123456 +611800123456",
  "New Zealand": "+6432345678 +6491234567 +64211234567 +64800123456",
  Lebanon: "+9611123456 +9619123456 +96171123456",
  Maldives: "+9606701234 +9607712345 +9609001234",
};

describe("an ordinary number", () => {
  test.each(Object.entries(ORDINARY))("of %s is dialled", (_, numbers) => {
    const refused = numbers.split(" ").filter((number) => verdict(number) !== "dialled");
    expect(refused).toEqual([]);
  });

  it("is found in many countries by this test", () => {
    expect(Object.keys(ORDINARY).length).toBeGreaterThanOrEqual(30);
  });
});

describe("the list of callees", () => {
  const listed = config({ allowTo: ["+15550100001", "+49*", "+4420*"] });

  test.each([
    ["+15550100001", "dialled"],
    ["+1 (555) 010-0001", "dialled"],
    ["+15550100002", "VC_DESTINATION_NOT_ALLOWED"],
    ["+155501000010", "VC_DESTINATION_NOT_ALLOWED"],
    ["+493012345678", "dialled"],
    ["+442079460958", "dialled"],
    ["+441212345678", "VC_DESTINATION_NOT_ALLOWED"],
    ["+33123456789", "VC_DESTINATION_NOT_ALLOWED"],
    ["+499001234567", "VC_DESTINATION_PREMIUM"],
    ["+49112", "VC_DESTINATION_EMERGENCY"],
    ["+4930", "VC_NUMBER_INVALID"],
  ])("decides about %s: %s", (number, code) => {
    expect(verdict(number, listed)).toBe(code);
  });

  it("lets everybody through when it is empty, and anybody who is overridden", () => {
    expect(verdict("+33123456789", config({ allowTo: [] }))).toBe("dialled");
    expect(checkDestination("+33123456789", listed, ["allow-list"])).toEqual({
      to: "+33123456789",
      emergency: false,
      overridden: [{ guard: "allow-list", by: "request" }],
    });
  });
});

describe("an override", () => {
  it("is reported only where the guard would have refused", () => {
    const all = [...GUARDS];
    expect(checkDestination("+15550100001", DEFAULTS, all).overridden).toEqual([]);
    expect(checkDestination("+19002345678", config({ allowTo: ["+49*"] }), all).overridden).toEqual([
      { guard: "premium", by: "request" },
      { guard: "allow-list", by: "request" },
    ]);
  });

  it("of the configuration goes before that of the request", () => {
    const { overridden } = checkDestination("+19002345678", config({ allowPremium: true }), ["premium"]);
    expect(overridden).toEqual([{ guard: "premium", by: "configuration" }]);
  });
});

/** The number that is dialled, or all that is told of the refusal. */
function outcome(written: string): string {
  try {
    return `dialled ${checkDestination(written, DEFAULTS).to}`;
  } catch (error) {
    if (!isVoiceCallError(error)) throw error;
    return `${error.code} ${JSON.stringify(error.details)}`;
  }
}

describe("any text", () => {
  const digits = fc.stringMatching(/^\+?[0-9]{1,16}$/);
  const punctuated = digits.chain((number) =>
    fc
      .array(fc.constantFrom("", " ", "-", ".", "(", ")", "/"), {
        minLength: number.length,
        maxLength: number.length,
      })
      .map(
        (marks) =>
          [
            number,
            number
              .split("")
              .map((digit, at) => digit + (marks[at] ?? ""))
              .join(""),
          ] as const,
      ),
  );
  const anywhere = fc.oneof(digits, fc.string(), fc.constantFrom("112", "+1911", "+49900123456"));

  it("is dialled as E.164 or refused with a code, without a digit of it in the refusal", () => {
    const codes = new Set<string>();
    fc.assert(
      fc.property(anywhere, (written) => {
        const told = outcome(written);
        codes.add(told.split(" ", 1)[0] ?? "");
        expect(told).toMatch(/^(?:dialled \+[1-9]\d{7,14}|VC_[A-Z_]+ [^0-9]*)$/);
      }),
      { numRuns: 2_000 },
    );
    expect([...codes].toSorted()).toEqual([
      "VC_DESTINATION_EMERGENCY",
      "VC_DESTINATION_PREMIUM",
      "VC_NUMBER_INVALID",
      "dialled",
    ]);
  });

  it("means the same with and without punctuation", () => {
    fc.assert(
      fc.property(punctuated, ([plain, written]) => {
        expect(verdict(written)).toBe(verdict(plain));
      }),
      { numRuns: 1_000 },
    );
  });

  it("that no guard looks at can only be no number", () => {
    fc.assert(
      fc.property(anywhere, (written) => {
        expect(["dialled", "VC_NUMBER_INVALID"]).toContain(verdict(written, DEFAULTS, GUARDS));
      }),
      { numRuns: 1_000 },
    );
  });

  it("is judged the same whatever guards of time and money are overridden", () => {
    fc.assert(
      fc.property(digits, (written) => {
        expect(verdict(written, DEFAULTS, ["quiet-hours", "calls-per-hour", "minutes-per-day"])).toBe(
          verdict(written),
        );
      }),
    );
  });
});
