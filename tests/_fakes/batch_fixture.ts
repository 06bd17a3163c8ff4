import { proofOfTrainingCodeHash } from "../../contracts/artifact.ts";
import type { EvmAnchorFacts } from "../../lib/chain/chain_client.ts";
import type { Anchor } from "../../lib/recorder/anchor_line.ts";
import { buildBatchProof } from "../../lib/recorder/build_batch_proof.ts";
import type { BatchProof } from "../../lib/verify/batch_proof.ts";
import { BLOCK_TIME, CONTRACT, hash32, SUBMITTER } from "./proof_fixture.ts";
import { makeTempFolder, NOW, type OpenedRecorder, openRecorder } from "./recorder_fixture.ts";

/** A log that grows by a few records of each run in turn, with a head kept after each growth. */
export interface BatchFixture extends OpenedRecorder {
  /** Records so many of each run, in turn; answers with the head over them. */
  grow(runIds: readonly string[], count: number): Promise<Omit<Anchor, "facts">>;
  /** The batch of that run with those anchors. */
  batchOf(runId: string, anchors: readonly Anchor[]): Promise<BatchProof>;
}

/** SHA-256 of the artifact of that step. */
export const digestOfStep = (step: number) => step.toString(16).padStart(4, "0").repeat(16);

export async function createBatchFixture(): Promise<BatchFixture> {
  const folder = await makeTempFolder();
  const opened = await openRecorder(folder.path);
  const { recorder, log } = opened;
  const steps = new Map<string, number>();

  async function grow(runIds: readonly string[], count: number) {
    const events = Array.from({ length: count }, () =>
      runIds.map((runId) => {
        const step = steps.get(runId) ?? 0;
        steps.set(runId, step + 1);
        return {
          runId,
          step,
          metrics: { loss: 1 / (step + 1) },
          artifact: {
            algorithm: "sha256",
            digest: digestOfStep(step),
            sizeBytes: 10,
            kind: "file",
            computed: true,
          },
        } as const;
      })).flat();
    // One commit takes many, in this order.
    await Promise.all(events.map((event) => recorder.recordCheckpoint(event)));
    return (await log.checkpoint())!;
  }

  return {
    ...opened,
    grow,
    batchOf: async (runId, anchors) => buildBatchProof(await log.runIndices(runId), { log, anchors }),
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

export interface EvmFactsOptions {
  readonly size: bigint;
  readonly state?: EvmAnchorFacts["state"];
  readonly chainId?: string;
}

/** What a chain could have said of an anchor over that size. */
export function evmFacts(
  { size, state = "confirmed", chainId = "eip155:31337" }: EvmFactsOptions,
): EvmAnchorFacts {
  const hash = hash32(Number(size % 200n) + 1);
  const facts: EvmAnchorFacts = {
    kind: "evm",
    state,
    chainId,
    contract: CONTRACT,
    codeHash: proofOfTrainingCodeHash,
    submitter: SUBMITTER,
    transactionHashes: [hash],
  };
  if (state === "pending") return facts;
  return {
    ...facts,
    inclusion: {
      transactionHash: hash,
      transactionIndex: 3,
      blockNumber: 1_000n + size,
      blockHash: hash32(Number(size % 100n) + 0x40),
      blockTime: BLOCK_TIME + Number(size),
      logIndex: 1,
      gasUsed: 48_000n,
      effectiveGasPriceWei: 10n ** 9n,
    },
  };
}

/** That head in a local ledger. */
export function localFacts(size: bigint, origin: string): Anchor["facts"] {
  return {
    kind: "local",
    state: "local",
    chainId: `local:${origin}`,
    transactionId: "6f0e2b9c-1f9e-4d5f-9f61-111111111111",
    submitter: `local:${origin}`,
    blockNumber: size,
    timestamp: NOW / 1_000,
  };
}
