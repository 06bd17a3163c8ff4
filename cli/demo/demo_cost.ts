import { encodeFunctionData } from "viem/utils";
import { proofOfTrainingAbi } from "../../contracts/artifact.ts";
import { toHex } from "../../lib/core/hex.ts";
import { leafHash } from "../../lib/core/merkle/leaf_hash.ts";
import { parseRecord } from "../../lib/core/parse_record.ts";
import type { AnchorOutcome } from "../../lib/recorder/recorder.ts";
import { publicMetadata } from "../../lib/recorder/store_each.ts";
import type { Runtime } from "../../lib/runtime/open_runtime.ts";
import { resolveContract } from "../../lib/runtime/resolve_contract.ts";
import type { DemoChain } from "./demo_chain.ts";

/** Gas units. */
export interface DemoCost {
  readonly recordCount: number;
  /** The one anchor transaction, as its receipt says. */
  readonly anchorGas: bigint;
  /** One `storeHash` transaction a record on the same contract, as the node estimates each. */
  readonly oneByOneGas: bigint;
}

/** What anchoring cost beside storing each record by itself; `undefined` without a chain. */
export async function measureCost(
  { log, config }: Pick<Runtime, "log" | "config">,
  { devnet, submitter }: DemoChain,
  { anchor, recordCount }: AnchorOutcome,
): Promise<DemoCost | undefined> {
  const contract = await resolveContract(config);
  if (devnet === undefined || contract === undefined || anchor?.facts.kind !== "evm") return undefined;
  let oneByOneGas = 0n;
  for (let index = 0n; index < anchor.size; index++) {
    const bytes = (await log.entry(index))!;
    const data = encodeFunctionData({
      abi: proofOfTrainingAbi,
      functionName: "storeHash",
      args: [toHex(leafHash(bytes)), publicMetadata(parseRecord(bytes))],
    });
    const gas = await devnet.request("eth_estimateGas", [{ from: submitter, to: contract, data }]);
    oneByOneGas += BigInt(gas as string);
  }
  return { recordCount, anchorGas: anchor.facts.inclusion?.gasUsed ?? 0n, oneByOneGas };
}

/** The comparison as a person reads it. */
export function costLines({ recordCount, anchorGas, oneByOneGas }: DemoCost): readonly string[] {
  const grouped = (gas: bigint) => gas.toLocaleString("en").replaceAll(",", " ").padStart(12);
  return [
    `   one transaction for all ${recordCount} records   ${grouped(anchorGas)} gas`,
    `   one transaction for each record      ${grouped(oneByOneGas)} gas, ${
      (Number(oneByOneGas) / Number(anchorGas)).toFixed(0)
    } times as much`,
    `   (the first anchor of an account opens a storage slot; later ones cost about 30 000 gas for any number of records)`,
  ];
}
