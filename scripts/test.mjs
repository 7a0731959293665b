// `npm test`: runs every test, the ones inside real gateways last. Arguments go to vitest; `--unit` leaves
// the gateways out.
import { run } from "./run.mjs";

const given = process.argv.slice(2);
const unitOnly = given.includes("--unit");
const args = given.filter((arg) => arg !== "--unit");
const project = unitOnly ? ["--project", "unit"] : [];

const { code } = await run("vitest", ["run", ...project, ...args]);
process.exit(code);
