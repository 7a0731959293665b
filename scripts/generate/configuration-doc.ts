/** `docs/configuration.md`: every option with its type, default, environment variable and reason. */

import { expectation, type JsonSchema } from "../../src/config/check.ts";
import { configGroups } from "../../src/config/schema.ts";
import { listOptions, type ListedOption } from "./options.ts";

const INTRODUCTION = `# Configuration

Generated from \`src/config/\` by \`npm run generate\`.

Everything stands under \`plugins.entries.voice-call.config\` of the gateway's configuration, and nothing is required:
without any of it the plugin runs on \`mock\`, a carrier inside the process.

\`\`\`json5
{
  plugins: {
    entries: {
      "voice-call": {
        enabled: true,
        config: {
          provider: "twilio",
          fromNumber: "+15550001234",
          twilio: { accountSid: "AC…", authToken: { source: "env", provider: "default", id: "TWILIO_AUTH_TOKEN" } },
          publicUrl: "https://voice.example.com/voice/webhook",
        },
      },
    },
  },
}
\`\`\`

- An explicit \`0\` is a value and never replaced by a default.
- A key that is not listed here is refused, with its path and the nearest known key. Keys that reach an object's
  prototype (\`__proto__\`, \`constructor\`, \`prototype\`) are refused at every depth.
- Every credential may be text, a SecretRef of the host (\`{ source, provider, id }\`) or come from the environment variable
  named beside it. A SecretRef that cannot be resolved counts as missing; the environment does not stand in for it.
- With credentials missing the gateway starts all the same, warns once and answers every use with the missing keys.
- \`openclaw doctor --fix\` brings older shapes into the present one.
- \`tts\` takes both \`tts.providers.<id>.speakerVoice\` and the older \`tts.<id>.voice\`.
`;

const cell = (words: string): string => words.replaceAll("|", "\\|").replaceAll("\n", " ");

function kind(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${word}\``).join(", ");
  if (schema.anyOf !== undefined) return "text or SecretRef";
  if (schema.type === "integer") return `whole number, ${schema.minimum} to ${schema.maximum}`;
  if (schema.type === "string") return schema["x-option"]?.form ?? "text";
  if (schema.type === "array") {
    const item = schema.items === undefined ? "" : expectation(schema.items).replace(/^an? /u, "");
    return `list; each ${item === "" ? "anything" : item}`;
  }
  return schema.type ?? "anything";
}

function fallback({ path, schema, notes }: ListedOption): string {
  if (/^numbers\.\*\.\w+$/u.test(path)) return "as for all calls";
  const constant = schema.default === undefined ? "" : `\`${JSON.stringify(schema.default)}\``;
  const words = constant === "" ? (notes.otherwise ?? "–") : constant;
  return notes.env === undefined ? words : `${words === "–" ? "" : `${words}; `}env \`${notes.env}\``;
}

function row(option: ListedOption): string {
  const path = option.path.replace("numbers.*", "numbers.<E.164>");
  const cells = [`\`${path}\``, kind(option.schema), fallback(option), option.schema.description ?? ""];
  return `| ${cells.map(cell).join(" | ")} |`;
}

/** The page as Markdown. */
export function configurationDoc(): string {
  const options = listOptions();
  const sections = configGroups.map(({ title, properties }) => {
    const rows = properties.flatMap((property) =>
      options.filter(
        ({ path, schema }) =>
          (path === property || path.startsWith(`${property}.`)) && schema.description !== undefined,
      ),
    );
    return `## ${title}\n\n| key | type | default | meaning |\n|---|---|---|---|\n${rows.map(row).join("\n")}\n`;
  });
  return [INTRODUCTION, ...sections].join("\n");
}
