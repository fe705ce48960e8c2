// Says whether every package that the project builds with may be used: its licence must be one of these, or offer one.
// Reads the answer of `cargo metadata` from standard input.

import { text } from 'node:stream/consumers';

// Permissive: no one of them asks more than that its text is kept.
const ALLOWED = new Set([
  '0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BSL-1.0', 'CC0-1.0', 'ISC', 'MIT', 'Unicode-3.0', 'Unlicense', 'Zlib',
]);

/** Whether an SPDX expression can be met; `/` is an old way to write OR. */
function isAllowed(expression) {
  const inner = expression.match(/\(([^()]*)\)/);
  if (inner) return isAllowed(expression.replace(inner[0], isAllowed(inner[1]) ? 'MIT' : 'none'));
  const choices = expression.split(/ OR |\//);
  const isMet = (licence) => ALLOWED.has(licence.trim().replace(/ WITH LLVM-exception$/, ''));
  return choices.some((choice) => choice.split(' AND ').every(isMet));
}

const { packages } = JSON.parse(await text(process.stdin));
const refused = packages.filter(({ license }) => !license || !isAllowed(license));
for (const { name, version, license } of refused) console.error(`${name} ${version}: ${license ?? 'no licence named'}`);
if (refused.length) process.exit(1);
console.log(`${packages.length} packages, all under permissive licences`);
