import { join } from "node:path";
import type { EndpointPool } from "../chain/endpoint_pool.ts";
import {
  isCanonical,
  pinContract,
  pinFinalizedBlock,
  type PinnedBlock,
  type PinnedContract,
} from "../chain/pin_block.ts";
import { NoAnswerError } from "../chain/chain_error.ts";
import { UnreachableError, UsageError } from "../core/errors.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { isFree, refusal } from "../io/write_new_file.ts";
import {
  type CheckedItem,
  checkEvidence,
  findTrustedAnchors,
  type RebuildFinding,
  type TrustedAnchors,
} from "./check_evidence.ts";
import { type EvidenceProgress, readEvidence } from "./read_evidence.ts";
import { lockRebuild, openRebuildProgress, type RebuildProgress } from "./rebuild_progress.ts";
import { collectFindings, listNotRestored, type RebuildReport, type WrittenFile } from "./rebuild_report.ts";
import { findSubmitters, restoreHome, type SurvivingLog } from "./restore_home.ts";
import { recoveredPath, writeRecovered } from "./write_recovered.ts";

/** What a rebuild works on. */
export interface RebuildDeps {
  readonly endpoints: Pick<EndpointPool, "read" | "each" | "chainId">;
  /** EIP-55. */
  readonly contract: `0x${string}`;
  readonly files: FileLayer;
  /** Where the files go: the home, or any other folder. */
  readonly folder: string;
  /** Absent where it is lost: then only what the chain says can be written down. */
  readonly log?: SurvivingLog;
}

/** What is wanted of a rebuild. */
export interface RebuildOptions {
  /** Whose anchors and stored hashes go into the files. @default everybody's into what is recovered, this installation's into the home */
  readonly submitters?: readonly `0x${string}`[];
  /** The accounts that this installation signs with, and signed with before, as far as they are known. */
  readonly accounts?: readonly `0x${string}`[];
  /** A final block to read at. @default the newest */
  readonly block?: bigint;
  /** The block of the contract's deployment. @default found by its code */
  readonly fromBlock?: bigint;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EvidenceProgress & { readonly contract: string }) => void;
}

/** One contract, read and ready to be checked; each `items` goes through it once. */
export interface ReadContract {
  readonly contract: `0x${string}`;
  readonly codeHash: string;
  items(onFinding: (finding: RebuildFinding) => void): AsyncIterable<CheckedItem>;
}

/** More predecessors than this are somebody's joke. */
const MAX_CONTRACTS = 16;

/**
 * Reads everything that a contract, and those before it, hold at one final block, checks it, and writes what a lost disk can be given back:
 * `recovered/…jsonl` with all of it, and where the log survived, `anchors.jsonl` and `stored.jsonl` as they were. Interrupted, it goes
 * on at its next call; nothing is written over.
 *
 * @throws {UnreachableError} when no endpoint answers; what was read stays for the next call.
 * @throws {PotError} when a file is there already (exit code 2).
 */
export async function rebuildFromContract(
  deps: RebuildDeps,
  options: RebuildOptions = {},
): Promise<RebuildReport> {
  const { endpoints, files, folder, log } = deps;
  const chainId = `eip155:${endpoints.chainId}`;
  const read = options.signal === undefined ? {} : { signal: options.signal };
  const progressPath = (contract: `0x${string}`) =>
    recoveredPath(folder, chainId, contract).replace(/jsonl$/, "progress");
  const targets = [
    recoveredPath(folder, chainId, deps.contract),
    ...(log === undefined ? [] : [join(folder, "anchors.jsonl"), join(folder, "stored.jsonl")]),
  ];
  // Before anything is written.
  if (await files.stat(progressPath(deps.contract)) === undefined) await refuseExisting(files, targets);
  await files.makeFolder(join(folder, "recovered"));
  using _lock = await lockRebuild(join(folder, "recovered"), files);
  using opened = new DisposableStack();
  const open = async (contract: `0x${string}`) =>
    opened.use(await openRebuildProgress(progressPath(contract), { files, chainId, contract }));
  const newest = await open(deps.contract);
  // An earlier call may have been interrupted between two of its files.
  if (!newest.state.isWriting) await refuseExisting(files, targets);

  const { block, pinned } = await pin(newest, deps, options);
  const steps = await openPredecessors(
    { contract: deps.contract, progress: newest, pinned },
    { endpoints, block, open, read },
  );
  if (!newest.state.isWriting) {
    await refuseExisting(files, steps.map(({ contract }) => recoveredPath(folder, chainId, contract)));
  }

  const contracts: ReadContract[] = [];
  let earlier: TrustedAnchors | undefined;
  for (const step of steps) {
    const contract = await readContract(step, {
      endpoints,
      chainId,
      block,
      options,
      earlier,
      deployed: deps.contract,
    });
    contracts.push(contract);
    earlier = contract.trusted;
  }
  if (!await isCanonical(endpoints, block, read)) throw replaced(block);

  // Before anything is written, as it may have to be asked.
  const ours = log === undefined ? [] : await findSubmitters(contracts, { ...options, log });
  if (!newest.state.isWriting) await newest.append({ type: "writing" });
  const { findings, findingCounts, add } = collectFindings();
  const reports = [];
  const written: WrittenFile[] = [];
  for (const contract of contracts) {
    const { report, file } = await writeRecovered(contract, {
      files,
      folder,
      chainId,
      block,
      ...(options.submitters && { submitters: options.submitters }),
      onFinding: add,
    });
    reports.push(report);
    written.push(file);
  }
  if (log !== undefined) {
    written.push(
      ...await restoreHome(contracts, {
        files,
        folder,
        chainId,
        log,
        submitters: ours,
        onFinding: add,
        ...read,
      }),
    );
  }
  for (const { progress } of steps.toReversed()) await progress.remove();
  return {
    chainId,
    block,
    contracts: reports,
    submitters: ours,
    files: written,
    findings,
    findingCounts,
    notRestored: listNotRestored({ hasLog: log !== undefined }),
  };
}

/** A contract about to be read. */
interface OpenContract {
  readonly contract: `0x${string}`;
  readonly progress: RebuildProgress;
  readonly pinned: PinnedContract;
}

interface OpenPredecessorsOptions extends Pick<RebuildDeps, "endpoints"> {
  readonly block: PinnedBlock;
  readonly open: (contract: `0x${string}`) => Promise<RebuildProgress>;
  readonly read: { readonly signal?: AbortSignal };
}

/** The contract with those before it, oldest first. */
async function openPredecessors(
  newest: OpenContract,
  { endpoints, block, open, read }: OpenPredecessorsOptions,
): Promise<readonly OpenContract[]> {
  const found = [newest];
  while (found.length < MAX_CONTRACTS) {
    const contract = await found[0]!.pinned.calls.getPredecessor(read);
    if (contract === undefined || found.some((known) => known.contract === contract)) break;
    const pinned = await pinContract(endpoints, contract, { block, ...read });
    found.unshift({ contract, progress: await open(contract), pinned });
  }
  return found;
}

interface ReadContractOptions extends Pick<RebuildDeps, "endpoints"> {
  readonly chainId: string;
  readonly block: PinnedBlock;
  readonly options: RebuildOptions;
  /** Of the contract before this one. */
  readonly earlier: TrustedAnchors | undefined;
  /** The contract that `options.fromBlock` is about. */
  readonly deployed: `0x${string}`;
}

/** Reads what is not read yet of one contract. */
async function readContract(
  { contract, progress, pinned }: OpenContract,
  { endpoints, chainId, block, options, earlier, deployed }: ReadContractOptions,
): Promise<ReadContract & { readonly trusted: TrustedAnchors }> {
  const { calls } = pinned;
  const { signal, fromBlock, submitters, onProgress } = options;
  const read = signal === undefined ? {} : { signal };
  const codeHash = await calls.getCodeHash(read);
  if (progress.state.pin?.hash !== block.hash) await progress.append({ type: "pin", ...block });
  await readEvidence(progress, {
    endpoints,
    chainId,
    contract,
    codeHash,
    block,
    pinned,
    ...(fromBlock === undefined || contract !== deployed ? {} : { fromBlock }),
    ...read,
    onProgress: (news) => onProgress?.({ ...news, contract }),
  });
  const count = await calls.getTransactionCount(read);
  const trusted = await findTrustedAnchors(progress, {
    headOf: (submitter) => calls.getAnchorHead(submitter, read),
    earlier,
    ...(submitters && { submitters }),
  });
  const items = (onFinding: (finding: RebuildFinding) => void) =>
    checkEvidence(progress, { count, trusted, onFinding });
  return { contract, codeHash, trusted, items };
}

async function refuseExisting(files: FileLayer, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (!await isFree(files, path)) throw refusal(path);
  }
}

/**
 * The block to read at: that of the run that was interrupted, as long as the endpoints still have its state; then the newest final
 * one. Records and events of a final block never change, so what was read at the older one is good at the newer.
 */
async function pin(
  { state }: RebuildProgress,
  { endpoints, contract }: RebuildDeps,
  { block: number, signal }: RebuildOptions,
): Promise<{ readonly block: PinnedBlock; readonly pinned: PinnedContract }> {
  const read = signal === undefined ? {} : { signal };
  const { pin: known, scannedTo } = state;
  if (known !== undefined && !await isCanonical(endpoints, known, read)) throw replaced(known);
  if (known !== undefined && (number === undefined || number === known.number)) {
    try {
      return { block: known, pinned: await pinContract(endpoints, contract, { block: known, ...read }) };
    } catch (error) {
      const isForgotten = error instanceof NoAnswerError &&
        error.failures.some(({ failure }) => failure.kind === "behind");
      if (!isForgotten || number !== undefined) throw error;
    }
  }
  const block = await pinFinalizedBlock(endpoints, { ...(number !== undefined && { number }), ...read });
  if (block.number < scannedTo) {
    throw new UsageError("Cannot rebuild at that block as an interrupted rebuild has read beyond it", {
      facts: [`block: ${block.number}`, `read to: ${scannedTo}`],
      hint: "leave --block away to finish it, or use another folder with --out",
    });
  }
  return { block, pinned: await pinContract(endpoints, contract, { block, ...read }) };
}

function replaced({ number, hash }: PinnedBlock): UnreachableError {
  return new UnreachableError("Cannot rebuild as a block that was final is not in the chain any more", {
    facts: [`block: ${number}`, `hash: ${hash}`],
    hint:
      "use another endpoint in RPC_URL; if the chain really changed, delete the .progress file and start again",
  });
}
