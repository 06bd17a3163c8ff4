/**
 * Gas of whole transactions, all in one run on one Anvil under Prague rules: ours, the prototype's own storage layout built
 * literally, and the Ethereum Attestation Service as npm has it. Fails when a figure of ours is over its limit.
 */
import { formatTable } from "./measure.ts";
import { measureEas } from "./gas/eas_gas.ts";
import { openGasChain } from "./gas/gas_chain.ts";
import { formatGas } from "./gas/gas_report_text.ts";
import { measureLiteralLayout } from "./gas/literal_gas.ts";
import { measureContract } from "./gas/our_gas.ts";

const LENGTHS = [0, 64, 512, 2048];
const BATCH = 1_000n;

/** The most that may be used, by the names of `contracts/GAS.md`. */
const LIMITS: Readonly<Record<string, bigint>> = {
  "deployment": 1_500_000n,
  "storeHash, 0 B of metadata": 77_000n,
  "storeHash, 64 B of metadata": 91_000n,
  "storeHash, 512 B of metadata": 181_000n,
  "storeHash, 2048 B of metadata": 490_000n,
  "anchor, the dearest of 100 later ones": 30_500n,
};

await using chain = await openGasChain();
const ours = await measureContract(chain);
const literal = new Map((await measureLiteralLayout(chain, LENGTHS)).map(({ name, gas }) => [name, gas]));
const eas = await measureEas(chain);

const ratio = (peer: bigint, own: bigint) => `${(Number(peer) / Number(own)).toFixed(2)} ×`;
const gasOf = (name: string) => {
  const found = ours.find((figure) => figure.name === name);
  if (found === undefined) throw new Error(`nothing measured ${name}`);
  return found.gas;
};

console.log(formatTable([
  ["", "ours", "limit", "literal", "literal / ours"],
  ...ours.map(({ name, gas }) => {
    const [limit, peer] = [LIMITS[name], literal.get(name)];
    return [
      name,
      formatGas(gas),
      limit === undefined ? "" : formatGas(limit),
      peer === undefined ? "" : formatGas(peer),
      peer === undefined ? "" : ratio(peer, gas),
    ];
  }),
]));

const anchor = gasOf("anchor, the dearest of 100 later ones");
const perRecord = Number(anchor) / Number(BATCH);
console.log(`\nA record in a batch of ${formatGas(BATCH)}: ${perRecord.toFixed(1)} gas\n`);
const stored = gasOf("storeHash, 64 B of metadata");
console.log(formatTable([
  [
    "Ethereum Attestation Service 1.9.0",
    "gas",
    "/ our anchor",
    "/ a record in our batch",
    "/ our storeHash, 64 B",
  ],
  ...eas.map(({ name, gas }) => [
    name,
    formatGas(gas),
    ...(name.startsWith("deployment")
      ? ["", "", ""]
      : [ratio(gas, anchor), `${Math.round(Number(gas) / perRecord)} ×`, ratio(gas, stored)]),
  ]),
]));

const over = Object.entries(LIMITS).filter(([name, limit]) => gasOf(name) > limit);
for (const [name, limit] of over) console.error(`\n${name} is over its limit of ${formatGas(limit)} gas`);
if (over.length > 0) Deno.exitCode = 1;
