import { describe, expect, it } from "vitest";
import { wordTools } from "../../../../src/conversation/live/words.ts";
import { kinds, talk } from "./talk.ts";

describe("with the words of real languages", () => {
  it.each([
    ["de-DE", "Ihr Paket kommt am Montag.", "genau", "nein, warten Sie"],
    ["fr-FR", "Votre colis arrive lundi.", "d'accord", "non, attendez"],
    ["ja-JP", "お荷物は月曜日に届きます。", "なるほど", "ちょっと待ってください"],
    ["zh-CN", "您的包裹星期一到。", "好的", "等一下我有问题"],
    ["ar", "ستصل شحنتك يوم الاثنين.", "طيب", "لا انتظر من فضلك"],
  ])("%s: over %s, %s goes by and %s takes the floor", (language, reply, sign, words) => {
    const call = talk({ language, words: wordTools });
    call.fact({ type: "speak", text: reply });
    call.starts();
    expect(call.partial(sign)).toEqual([]);
    expect(call.final(sign)).toEqual([]);
    expect(kinds(call.partial(words))).toEqual(["stop"]);
  });

  it.each([
    ["en-US", "It left our house on Monday morning.", "left our house on monday"],
    ["ja-JP", "お荷物は月曜日に届きます。", "お荷物は月曜日に"],
  ])("%s: our own voice is no turn", (language, reply, heard) => {
    const call = talk({ language, words: wordTools });
    call.fact({ type: "speak", text: reply });
    call.starts();
    call.speech(true);
    call.partial(heard);
    call.speech(false);
    call.final(heard);
    call.played();
    expect(call.turns(call.wait(9_000))).toEqual([]);
  });

  it.each([
    ["en-US", "My number is 555 123 4567", 1_500],
    ["de-DE", "Die Nummer ist null eins sieben zwei", 1_500],
    ["es-ES", "Se escribe K Q T", 1_500],
    ["en-US", "I would like to, um", 2_000],
    ["en-US", "I would like a table.", 300],
    ["ja-JP", "席を予約したいです。", 300],
  ])("%s: after %j the caller has %i ms", (language, words, ms) => {
    const call = talk({ language, words: wordTools });
    call.final(words);
    expect(call.turns(call.wait(ms - 1))).toEqual([]);
    expect(call.turns(call.wait(1))).toEqual([words]);
  });
});
