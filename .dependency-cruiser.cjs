/**
 * The rooms of the house and who may import whom. Imports point inwards: `call` knows nobody, adapters know `call`.
 * docs/architecture.md says why.
 */
const ROOMS = {
  config: ["carrier"],
  call: ["config"],
  media: [],
  carrier: ["call", "config", "media"],
  edge: ["call", "carrier", "host", "media"],
  exposure: ["call", "config"],
  conversation: ["call", "media"],
  store: ["call"],
  report: ["call"],
  observe: ["call"],
  surface: ["call"],
  host: ["call", "config", "conversation", "media"],
  service: [
    "call",
    "carrier",
    "config",
    "conversation",
    "edge",
    "exposure",
    "host",
    "media",
    "observe",
    "report",
    "store",
  ],
  conformance: ["call", "carrier", "config", "service", "store"],
};

const forbidden = Object.entries(ROOMS).map(([room, allowed]) => ({
  name: `${room}-imports`,
  comment: `src/${room}/ may import ${allowed.length > 0 ? allowed.join(", ") : "no other room"}`,
  severity: "error",
  from: { path: `^src/${room}/` },
  to: { path: "^src/", pathNot: `^src/(${[room, ...allowed].join("|")})/` },
}));

/** What carriers and the edge take from one another is narrow: the worker must not pull in the rest of a carrier. */
forbidden.push(
  {
    name: "call-takes-config-types-only",
    comment: "the call core sees resolved configuration, not how it is read",
    severity: "error",
    from: { path: "^src/call/" },
    to: { path: "^src/config/", pathNot: "^src/config/index\\.ts$" },
  },
  {
    name: "edge-takes-webhooks-only",
    comment: "the edge worker loads a carrier's webhook and media parts and the seam, nothing else of it",
    severity: "error",
    from: { path: "^src/edge/" },
    to: { path: "^src/carrier/", pathNot: "^src/carrier/(carrier\\.ts|list\\.ts|[^/]+/(webhook|media)\\.ts)$" },
  },
  {
    name: "edge-takes-sockets-only",
    comment: "of the host the edge worker loads the WebSockets, nothing else",
    severity: "error",
    from: { path: "^src/edge/" },
    to: { path: "^src/host/", pathNot: "^src/host/sockets\\.ts$" },
  },
  {
    name: "sockets-alone",
    comment: "and those bring nothing else of the house along",
    severity: "error",
    from: { path: "^src/host/sockets\\.ts$" },
    to: { path: "^src/" },
  },
  {
    name: "config-takes-settings-only",
    comment: "of the carriers the configuration knows the list and their own sections",
    severity: "error",
    from: { path: "^src/config/" },
    to: { path: "^src/carrier/", pathNot: "^src/carrier/(carrier\\.ts|list\\.ts|[^/]+/settings\\.ts)$" },
  },
  {
    name: "carriers-apart",
    comment: "a carrier is a folder that knows no other carrier",
    severity: "error",
    from: { path: "^src/carrier/([^/]+)/" },
    to: { path: "^src/carrier/[^/]+/", pathNot: "^src/carrier/$1/" },
  },
  {
    name: "sdk-in-host-only",
    comment: "the plugin SDK is met in src/host/ and at the entry",
    severity: "error",
    from: { path: "^src/", pathNot: "^src/(host/|index\\.ts|start\\.ts|cli\\.ts)" },
    to: { path: "(^|/)openclaw(/|$)" },
  },
  {
    name: "no-circular",
    severity: "error",
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
  },
  {
    name: "no-tests-in-source",
    severity: "error",
    from: { path: "^src/" },
    to: { path: "^(test|bench|demo|scripts)/" },
  },
);

module.exports = {
  forbidden,
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "types"] },
  },
};
