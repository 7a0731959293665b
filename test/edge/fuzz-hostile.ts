import type { Draft } from "../security/carriers.ts";
import type { Dice } from "./fuzz-dice.ts";

/** Names that every object has, that parsers treat specially, or that are nobody's. */
const NAMES = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "constructor[prototype][x]",
  "a[]",
  "",
  " ",
  "CallSid\u0000",
  "call\uFEFFid",
  "%",
];

/** Values that no carrier sends, each well known for what it breaks. */
const VALUES = [
  "",
  " ",
  "-1",
  "1e999",
  "NaN",
  "Infinity",
  "9".repeat(400),
  "0x10",
  "null",
  "[object Object]",
  "\u0000",
  "\r\nX-Injected: 1",
  "\uFFFD",
  "\u202E+15550101234",
  "+１５５５０１０１２３４",
  "../../etc/passwd",
  "<Response><Say>x</Say></Response>",
  "${7*7}",
  "' OR 1=1 --",
  "completed",
  "in-progress",
  "true",
  "A".repeat(30_000),
];

/** A form of almost the right fields: values swapped for hostile ones, names doubled, pollution, broken escapes. */
function hostileForm(dice: Dice, { query, body }: Draft): Draft {
  const pairs = [...new URLSearchParams(body.toString("utf8"))];
  const changes = 1 + dice.upTo(3);
  for (let change = 0; change < changes; change += 1) {
    const at = dice.upTo(pairs.length);
    const [name = "", value = ""] = pairs[at] ?? [];
    switch (dice.upTo(5)) {
      case 0:
        pairs[at] = [name, dice.pick(VALUES)];
        break;
      case 1:
        pairs.push([name, dice.chance(0.5) ? value : dice.pick(VALUES)]);
        break;
      case 2:
        pairs.push([dice.pick(NAMES), dice.pick(VALUES)]);
        break;
      case 3:
        pairs.splice(at, 1);
        break;
      default:
        pairs[at] = [name + value.slice(0, 1), value.slice(1)];
    }
  }
  const text = new URLSearchParams(pairs).toString();
  const tail = dice.pick([
    "",
    "",
    "",
    "&%",
    "&%ff%fe=%c0%80",
    "&a=%ED%A0%80",
    "&".repeat(2_000),
    "&=&=",
    ";x=1",
  ]);
  return {
    query,
    body: Buffer.concat([Buffer.from(text + tail), dice.chance(0.1) ? dice.bytes(6) : Buffer.alloc(0)]),
  };
}

/** JSON as it is written, so that it can hold what `JSON.stringify` would not write. */
const JSON_VALUES = [
  "null",
  "true",
  "[]",
  "{}",
  "-0",
  "1e999",
  "-1e999",
  "123456789012345678901234567890",
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\uFFFD"',
  '{"toString":1,"valueOf":null}',
  '{"__proto__":{"a":1}}',
  '["v3:a"]',
  `"${"9".repeat(400)}"`,
  `"${"A".repeat(30_000)}"`,
  `${"[".repeat(3_000)}${"]".repeat(3_000)}`,
  `${'{"data":'.repeat(800)}1${"}".repeat(800)}`,
];

/** An event of almost the right shape. */
function hostileJson(dice: Dice, { query, body }: Draft): Draft {
  const text = body.toString("utf8");
  const fields = [...text.matchAll(/"[a-z_]+":(?:"[^"]*"|null|true|false|[0-9.]+)/g)];
  const target = dice.pick(fields);
  const [whole] = target;
  const name = whole.slice(0, whole.indexOf(":"));
  const value = dice.pick(JSON_VALUES);
  const before = text.slice(0, target.index);
  const after = text.slice(target.index + whole.length);
  const changed = dice.pick([
    `${before}${name}:${value}${after}`,
    `${before}${whole},${name}:${value}${after}`,
    `${before}${name}:${value},${whole}${after}`,
    `${before}"__proto__":${value},${whole}${after}`,
    `${before}"constructor":{"prototype":${value}},${whole}${after}`,
    `${text}${value}`,
    `\uFEFF${text}`,
    text.slice(0, target.index),
    value,
  ]);
  const bytes = Buffer.from(changed);
  return { query, body: dice.chance(0.1) ? Buffer.concat([bytes, dice.bytes(4)]) : bytes };
}

/** A webhook that the carrier would have to sign itself, and that says what it never says. */
export function hostile(dice: Dice, draft: Draft, isJson: boolean): Draft {
  const { query, body } = isJson ? hostileJson(dice, draft) : hostileForm(dice, draft);
  const more = ["", "", "&call=vc_2", "&__proto__=1", "&turn=", "&call=%00", "&%", `&x=${"y".repeat(500)}`];
  return { query: query === "" ? "" : query + dice.pick(more), body };
}
