import ts from "typescript";

/** Names that hold spoken words, digits, numbers, secrets, or something that contains them. */
const PRIVATE = new Set(
  `text words say opening greeting transcript turns heard speech utterance prompt instruction content
  digits from to number phone phoneNumber fromNumber toNumber caller callee party partyOf ownNumberOf
  authToken apiKey apiSecret secret password token signature authorization cookie publicKey privateKey
  body rawBody headers payload params form query json`.split(/\s+/),
);
/** `message` is what is to be said, unless it is an error's; `code` lets a caller in when it is a pairing's. */
const PRIVATE_OF =
  /(?<!\b(error|err|reason|cause|fault|problem|thrown))\??\.message$|\b(pairing|invitation)\??\.code$/i;
const LOGGER = /(^|\.)#?(log|logger)$/;
const LEVELS = new Set(["debug", "info", "warn", "error"]);
const REDACTING = /(^|\.)redact(Number|Text|Fields)$/;

/** Every place where a log call, or the details of a coded error, names something private without redacting it. */
export function leaks(path: string, source: string): string[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const note = (node: ts.Node) => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    found.push(`${path}:${line + 1} ${node.getText()}`);
  };
  const visit = (node: ts.Node): void => {
    for (const argument of published(node)) privateParts(argument, note);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** The expressions of a node that end up where people read them. */
function published(node: ts.Node): readonly ts.Expression[] {
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const { expression: logger, name } = node.expression;
    if (LEVELS.has(name.text) && LOGGER.test(logger.getText())) return node.arguments;
  }
  if (ts.isNewExpression(node) && node.expression.getText() === "VoiceCallError") {
    return (node.arguments ?? []).slice(1, 2);
  }
  return [];
}

function privateParts(node: ts.Node, note: (node: ts.Node) => void): void {
  if (ts.isCallExpression(node)) {
    const callee = node.expression.getText();
    if (REDACTING.test(callee)) return;
    if (callee === "JSON.stringify") return note(node);
  }
  if (ts.isPropertyAccessExpression(node)) {
    if (PRIVATE.has(node.name.text) || PRIVATE_OF.test(node.getText())) return note(node);
    return privateParts(node.expression, note);
  }
  if (ts.isPropertyAssignment(node)) return privateParts(node.initializer, note);
  if (ts.isSpreadAssignment(node) && !ts.isObjectLiteralExpression(unwrapped(node.expression))) {
    // An object of any make may bring anything along.
    if (!REDACTING.test(calleeOf(node.expression))) return note(node);
  }
  if (ts.isIdentifier(node) && PRIVATE.has(node.text)) return note(node);
  ts.forEachChild(node, (child) => privateParts(child, note));
}

/** `...(known && { detail })` spreads a literal. */
function unwrapped(node: ts.Expression): ts.Expression {
  if (ts.isParenthesizedExpression(node)) return unwrapped(node.expression);
  if (ts.isBinaryExpression(node)) return unwrapped(node.right);
  if (ts.isConditionalExpression(node)) return unwrapped(node.whenTrue);
  return node;
}

function calleeOf(node: ts.Expression): string {
  return ts.isCallExpression(node) ? node.expression.getText() : "";
}
