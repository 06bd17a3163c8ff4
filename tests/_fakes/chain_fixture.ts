import { privateKeyToAccount } from "viem/accounts";
import type { TransactionSerializable } from "viem";
import { encodeDeployData, encodeFunctionData } from "viem/utils";
import { proofOfTrainingAbi, proofOfTrainingBytecode } from "../../contracts/artifact.ts";
import { type Devnet, startDevnet } from "../../lib/chain/devnet.ts";
import { createEndpointPool } from "../../lib/chain/endpoint_pool.ts";
import { createEvmClient, type EvmClientOptions } from "../../lib/chain/evm_client.ts";
import type { SignedHead } from "../../lib/core/log_head.ts";
import type { TransactionSigner } from "../../lib/core/signer.ts";
import { denoFiles } from "../../lib/io/deno_files.ts";
import { systemClock } from "../../lib/runtime/system_clock.ts";

/** A devnet with the contract deployed by account 0, its owner. */
export interface ChainFixture extends AsyncDisposable {
  readonly devnet: Devnet;
  readonly contract: `0x${string}`;
  readonly folder: string;
  /** Sends from an unlocked account, past all of our code. */
  ownerCalls(functionName: "pauseContract" | "unpauseContract"): Promise<void>;
  /** A client of that account with the fixture's journal folder. */
  client(options?: FixtureClientOptions): ReturnType<typeof createEvmClient>;
}

export interface FixtureClientOptions extends Partial<EvmClientOptions> {
  /** @default 1 */
  readonly account?: number;
  /** @default true */
  readonly hasKey?: boolean;
  /** @default the devnet's */
  readonly urls?: readonly string[];
}

export async function startChainFixture(args: readonly string[] = []): Promise<ChainFixture> {
  const devnet = await startDevnet({ args });
  const folder = await Deno.makeTempDir();
  const owner = devnet.accounts[0]!.address;
  const deployment = encodeDeployData({
    abi: proofOfTrainingAbi,
    bytecode: proofOfTrainingBytecode,
    args: [owner, `0x${"00".repeat(20)}`],
  });
  const hash = await devnet.request("eth_sendTransaction", [{ from: owner, data: deployment }]);
  await devnet.request("evm_mine");
  const receipt = await devnet.request("eth_getTransactionReceipt", [hash]) as {
    contractAddress: `0x${string}`;
  };
  const contract = receipt.contractAddress;
  return {
    devnet,
    contract,
    folder,
    async ownerCalls(functionName) {
      const data = encodeFunctionData({ abi: proofOfTrainingAbi, functionName });
      await devnet.request("eth_sendTransaction", [{ from: owner, to: contract, data }]);
      await devnet.request("evm_mine");
    },
    client({ account = 1, hasKey = true, urls = [devnet.rpcUrl], ...options } = {}) {
      return createEvmClient({
        endpoints: createEndpointPool({
          urls,
          chainId: devnet.chainId,
          clock: systemClock,
          timeoutMs: 1_000,
        }),
        contract,
        confirmations: 1,
        feePolicy: { capWei: 100_000_000_000n },
        journalFolder: folder,
        files: denoFiles,
        clock: systemClock,
        randomUuid: () => crypto.randomUUID(),
        ...(hasKey && { openSigner: () => Promise.resolve(signerOf(devnet.accounts[account]!.privateKey)) }),
        pollIntervalMs: 20,
        ...options,
      });
    },
    async [Symbol.asyncDispose]() {
      await devnet[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

export function signerOf(privateKey: `0x${string}`): TransactionSigner {
  const account = privateKeyToAccount(privateKey);
  return {
    address: account.address,
    // viem tells the kinds apart by type; ours says in words which fee fields count.
    signTransaction: (transaction) =>
      account.signTransaction(transaction as unknown as TransactionSerializable),
  };
}

/** A head whose root says its size. */
export function headOf(size: number, fill = size): SignedHead {
  return { size: BigInt(size), root: new Uint8Array(32).fill(fill), note: `pot/test\n${size}\n…\n` };
}
