import { encodeFunctionData } from "viem/utils";
import { proofOfTrainingAbi, proofOfTrainingCodeHash } from "../../contracts/artifact.ts";
import { captureReceiptProof } from "../../lib/chain/capture_receipt_proof.ts";
import { createEndpointPool } from "../../lib/chain/endpoint_pool.ts";
import type { LogHead } from "../../lib/core/log_head.ts";
import { systemClock } from "../../lib/runtime/system_clock.ts";
import { ANCHORED_TOPIC } from "../../lib/verify/anchored_event.ts";
import type { EvmAnchor, ProofInclusion } from "../../lib/verify/proof.ts";
import type { ChainFixture } from "./chain_fixture.ts";

/** Anvil's arguments for blocks of hundreds of transactions. */
export const FULL_BLOCKS = ["--gas-limit", "60000000"] as const;

export interface FullBlockOptions {
  /** Transactions in the block, the anchor's among them. @default 200 */
  readonly count?: number;
  /** Sent before the anchor. @default half of them */
  readonly before?: number;
}

/**
 * Anchors a head in a block with other people's transactions of several types, some of which fail, and captures its receipt as the
 * recorder does.
 */
export async function anchorInFullBlock(
  { devnet, contract }: ChainFixture,
  head: LogHead,
  { count = 200, before = Math.floor(count / 2) }: FullBlockOptions = {},
): Promise<Omit<EvmAnchor, "checkpoint">> {
  const [owner, submitter, ...others] = devnet.accounts.map(({ address }) => address);
  const send = async (transaction: object) =>
    await devnet.request("eth_sendTransaction", [{ value: "0x0", ...transaction }]) as string;
  const price = { maxFeePerGas: "0x4a817c800", maxPriorityFeePerGas: "0x3b9aca00" };
  await devnet.request("evm_setAutomine", [false]);
  try {
    let anchorHash = "";
    for (let i = 0; i < count; i++) {
      if (i === before) {
        const data = encodeFunctionData({
          abi: proofOfTrainingAbi,
          functionName: "anchor",
          args: [`0x${head.root.toHex()}`, head.size],
        });
        anchorHash = await send({ from: submitter, to: contract, data, gas: "0x30d40", ...price });
        continue;
      }
      const from = others[i % others.length]!;
      const kinds = [
        { to: owner, gas: "0x5208", ...price, value: "0x1" },
        { to: owner, gas: "0x5208", gasPrice: "0x4a817c800" },
        {
          to: owner,
          gas: "0x7530",
          gasPrice: "0x4a817c800",
          accessList: [{ address: owner, storageKeys: [] }],
        },
        // No such function: it fails, and leaves a receipt all the same.
        { to: contract, data: "0xdeadbeef", gas: "0x7530", ...price },
      ];
      await send({ from, ...kinds[i % kinds.length] });
    }
    await devnet.request("evm_mine");
    return await readAnchor(anchorHash);
  } finally {
    await devnet.request("evm_setAutomine", [true]);
  }

  async function readAnchor(transactionHash: string): Promise<Omit<EvmAnchor, "checkpoint">> {
    // deno-lint-ignore no-explicit-any
    const ask = async (method: string, ...params: unknown[]): Promise<any> =>
      await devnet.request(method, params);
    const receipt = await ask("eth_getTransactionReceipt", transactionHash);
    const block = await ask("eth_getBlockByHash", receipt.blockHash, false);
    if (block.transactions.length !== count) {
      throw new Error(`the block has ${block.transactions.length} transactions, not ${count}`);
    }
    const inclusion = {
      transactionHash,
      transactionIndex: Number(receipt.transactionIndex),
      blockNumber: BigInt(receipt.blockNumber),
      blockHash: receipt.blockHash,
      blockTime: Number(block.timestamp),
      logIndex: receipt.logs.findIndex(({ topics }: { topics: string[] }) => topics[0] === ANCHORED_TOPIC),
    } satisfies ProofInclusion;
    const endpoints = createEndpointPool({
      urls: [devnet.rpcUrl],
      chainId: devnet.chainId,
      clock: systemClock,
    });
    const receiptProof = await captureReceiptProof(endpoints, inclusion);
    if (typeof receiptProof !== "object") {
      throw new Error(`the receipt could not be captured: ${receiptProof}`);
    }
    return {
      kind: "evm",
      state: "confirmed",
      size: head.size,
      root: head.root,
      chainId: `eip155:${devnet.chainId}`,
      contract,
      codeHash: proofOfTrainingCodeHash,
      submitter: submitter!,
      transactionHashes: [transactionHash],
      inclusion: { ...inclusion, receiptProof },
    };
  }
}
