import { encodeFunctionData } from "viem/utils";
import { proofOfTrainingAbi } from "../../contracts/artifact.ts";
import { createEndpointPool, type EndpointPool } from "../../lib/chain/endpoint_pool.ts";
import { createEvmSender, type EvmSenderOptions } from "../../lib/chain/evm_sender.ts";
import { openJournal, type TransactionJournal } from "../../lib/chain/journal.ts";
import type { FileLayer } from "../../lib/io/file_layer.ts";
import { denoFiles } from "../../lib/io/deno_files.ts";
import { systemClock } from "../../lib/runtime/system_clock.ts";
import { type ChainFixture, signerOf } from "./chain_fixture.ts";
import { createRacingClock } from "./racing_clock.ts";

/** Calldata of a storeHash without metadata. */
export const store = (hash: string) =>
  encodeFunctionData({ abi: proofOfTrainingAbi, functionName: "storeHash", args: [hash, ""] });
/** 64 hex characters that say a number. */
export const hashOf = (n: number) => n.toString(16).padStart(64, "0");

/** A sender with its journal. */
export interface Opened extends AsyncDisposable {
  readonly sender: ReturnType<typeof createEvmSender>;
  readonly journal: TransactionJournal;
  send(key: string, data?: `0x${string}`): ReturnType<ReturnType<typeof createEvmSender>["send"]>;
}

/** A sender of one account; each account stands for one test. */
export async function openSender(
  chain: ChainFixture,
  account: number,
  { urls = [chain.devnet.rpcUrl], wrap = (pool) => pool, files = denoFiles, ...options }:
    & {
      readonly urls?: readonly string[];
      readonly wrap?: (pool: EndpointPool) => EndpointPool;
      readonly files?: FileLayer;
    }
    & Partial<EvmSenderOptions> = {},
): Promise<Opened> {
  const signer = signerOf(chain.devnet.accounts[account]!.privateKey);
  const { chainId } = chain.devnet;
  const journal = await openJournal({
    folder: chain.folder,
    address: signer.address,
    chainId,
    files,
  });
  const endpoints = wrap(createEndpointPool({ urls, chainId, clock: createRacingClock(), timeoutMs: 300 }));
  const sender = createEvmSender({
    endpoints,
    signer,
    journal,
    feePolicy: { capWei: 100_000_000_000n },
    confirmations: 1,
    clock: systemClock,
    pollIntervalMs: 20,
    ...options,
  });
  return {
    sender,
    journal,
    send: (key, data = store(hashOf(1))) =>
      sender.send({ key, purpose: "store the hash", to: chain.contract, data }),
    [Symbol.asyncDispose]: () => sender[Symbol.asyncDispose](),
  };
}
