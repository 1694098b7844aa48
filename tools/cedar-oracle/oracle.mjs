// Answers one question a line: in, the arguments of isAuthorized as JSON; out, "allow [reasons] [errors]"
// with sorted ids, or "invalid", or "trap" when the WebAssembly stack overflowed.
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

function answer(line) {
  try {
    const result = cedar.isAuthorized(JSON.parse(line, exact));
    if (result.type !== 'success') return 'invalid';
    const { decision, diagnostics } = result.response;
    return `${decision} ${ids(diagnostics.reason)} ${ids(diagnostics.errors.map((e) => e.policyId))}`;
  } catch {
    delete require.cache[require.resolve(name)];  // a broken instance stays broken
    cedar = require(name);
    return 'trap';
  }
}

for await (const line of readline.createInterface({ input: process.stdin })) console.log(answer(line));
