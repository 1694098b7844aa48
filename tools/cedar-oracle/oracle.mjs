// Answers one case a line. In: {policies, entities, requests: [{principal, action, resource, context}]}. Out: a JSON
// list with an answer for each request: "allow [reasons] [errors]" with sorted ids, or "invalid", or "trap" when the
// WebAssembly stack overflowed. Policies are parsed once a case: parsing is most of the work.
//
// Run with --harmony-json-parse-with-source: numbers beyond 2^53 must reach Cedar digit by digit.
import { createRequire } from 'node:module';
import readline from 'node:readline';

const require = createRequire(import.meta.url);
const name = '@cedar-policy/cedar-wasm/nodejs';
let cedar = require(name);

const exact = (key, value, context) =>
  typeof value === 'number' && !Number.isSafeInteger(value) ? JSON.rawJSON(context.source) : value;
const ids = (list) => JSON.stringify([...list].sort());

function reload() {
  delete require.cache[require.resolve(name)];  // a broken instance stays broken
  cedar = require(name);
}

function answer({ policies, entities }, request) {
  try {
    if (cedar.preparsed !== policies) {
      if (cedar.preparsePolicySet('case', policies).type !== 'success') return 'invalid';
      cedar.preparsed = policies;
    }
    const result = cedar.statefulIsAuthorized({ ...request, entities, preparsedPolicySetId: 'case' });
    if (result.type !== 'success') return 'invalid';
    const { decision, diagnostics } = result.response;
    return `${decision} ${ids(diagnostics.reason)} ${ids(diagnostics.errors.map((e) => e.policyId))}`;
  } catch {
    reload();
    return 'trap';
  }
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const one = JSON.parse(line, exact);
  console.log(JSON.stringify(one.requests.map((request) => answer(one, request))));
}
