import { readFileSync } from "node:fs";
import ts from "typescript";

/** Where a title has a value of its case: `%s`, `%4$s`, `$name`, `${name}`. */
const VALUES = /%(?:\d+\$)?[sdifjoO]|\$[A-Za-z][\w.]*|\$\{\}/g;
/** A tag at the end is no part of the sentence. */
const TAG = / \([A-Z]\d+\)$/;

/** The full titles of the tests in a file, each with those of its groups before it and `…` for every value. */
export function titlesOf(path: string | URL): readonly string[] {
  const source = ts.createSourceFile("", readFileSync(path, "utf8"), ts.ScriptTarget.Latest);
  const titles: string[] = [];
  const visit = (node: ts.Node, groups: readonly string[]): void => {
    const call = ts.isCallExpression(node) ? titledCall(node) : null;
    if (call === null) return ts.forEachChild(node, (child) => visit(child, groups));
    const path = [...groups, call.title];
    if (call.kind !== "describe") titles.push(path.join(" "));
    else for (const argument of call.rest) visit(argument, path);
  };
  visit(source, []);
  return titles;
}

interface TitledCall {
  readonly kind: string;
  readonly title: string;
  readonly rest: readonly ts.Expression[];
}

/** `it("title", …)`, `it.each(cases)("title", …)` and the same of `test` and `describe`; null for anything else. */
function titledCall(node: ts.CallExpression): TitledCall | null {
  let callee: ts.Expression = node.expression;
  while (ts.isCallExpression(callee) || ts.isPropertyAccessExpression(callee)) callee = callee.expression;
  const [first, ...rest] = node.arguments;
  if (!ts.isIdentifier(callee) || !["describe", "it", "test"].includes(callee.text)) return null;
  const text = first === undefined ? null : textOf(first);
  if (text === null || rest.length === 0) return null;
  return { kind: callee.text, title: text.replaceAll(VALUES, "…").replace(TAG, ""), rest };
}

function textOf(node: ts.Expression): string | null {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return null;
  return node.head.text + node.templateSpans.map((span) => `\${}${span.literal.text}`).join("");
}
