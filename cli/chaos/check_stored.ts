import { hashStoredTopics, hashTopic, parseHashStored } from "../../lib/chain/contract_events.ts";
import type { Devnet } from "../../lib/chain/devnet.ts";
import { parseFoundLogs } from "../../lib/chain/rpc_values.ts";

/** The hash of a submission: 64 lowercase hex characters. */
export function hashOf(n: number): string {
  return (n + 1).toString(16).padStart(64, "0");
}

/** Every submission is stored once, no more and no less. */
export async function checkStored(
  devnet: Devnet,
  { contract, submitter, submissions }: {
    readonly contract: `0x${string}`;
    readonly submitter: `0x${string}`;
    readonly submissions: number;
  },
): Promise<readonly string[]> {
  const range = { fromBlock: "0x0", toBlock: "latest" };
  const topics = hashStoredTopics(submitter);
  const logs = parseFoundLogs(await devnet.request("eth_getLogs", [{ address: contract, topics, ...range }]));
  const times = new Map<string, number>();
  for (const log of logs) {
    const topic = parseHashStored(log, contract)?.hashTopic ?? "";
    times.set(topic, (times.get(topic) ?? 0) + 1);
  }
  return Array.from({ length: submissions }, (_, n) => n).flatMap((n) => {
    const found = times.get(hashTopic(hashOf(n))) ?? 0;
    return found === 1 ? [] : [`submission ${n} is stored ${found} times`];
  });
}
