// A phone call with an agent, in this terminal. `npm run demo -- --help` says more.
// oxlint-disable-next-line import/no-unassigned-import -- imported for what it does: it changes to a Node that is new enough
import "./run.mjs";

// Only now is it certain that this Node can run TypeScript.
const { runDemo } = await import("../demo/run.ts");
process.exit(await runDemo(process.argv.slice(2)));
