import { nextAnchorHead, NO_HEAD } from "../chain/anchor_heads.ts";
import { type AnchoredEvent, anchoredTopics, parseAnchored } from "../chain/contract_events.ts";
import type { EndpointPool } from "../chain/endpoint_pool.ts";
import { getEvmBlockNumber, pinContract, type PinnedBlock, type PinnedContract } from "../chain/pin_block.ts";
import { readContractLogs, type TopicFilter } from "../chain/read_contract_logs.ts";
import { createContractCalls } from "../chain/contract_calls.ts";
import { findFirstBlock } from "../chain/find_first_block.ts";
import { fromHex } from "../core/hex.ts";
import type { LogHead } from "../core/log_head.ts";
import type { HeadOutcome } from "../log/audit_heads.ts";
import type { AuditedAnchor } from "./audit_anchors.ts";
import type { AuditContext } from "./audit_context.ts";

/** One anchor as the contract's events tell it. */
export interface ChainAnchor extends LogHead {
  readonly event: AnchoredEvent;
  readonly transactionHash: string;
  readonly blockNumber: bigint;
}

/** What one contract says of our anchors at one block. */
export interface ContractAnchors {
  /** Lowercase. */
  readonly contract: string;
  /** Of our accounts, in the order of the chain; only those that the contract's state commits to. */
  readonly anchors: readonly ChainAnchor[];
  /** Whether the state commits to no other: then what is not among them is not there. */
  readonly isComplete: boolean;
  readonly pinned: PinnedContract;
  /** The block from which on its events were read. */
  readonly fromBlock: bigint;
}

export interface ReadContractAnchorsOptions {
  readonly endpoints: Pick<EndpointPool, "read">;
  readonly contract: `0x${string}`;
  /** Where the contract was deployed. @default found by its code, else 0n */
  readonly fromBlock?: bigint;
  readonly block: PinnedBlock;
  /** Whose anchors, in lowercase. */
  readonly submitters: readonly string[];
  /** What is noted here of that contract. */
  readonly noted: readonly AuditedAnchor[];
}

/**
 * Reads the anchors of our accounts from a contract, and holds them against the hash chain that the contract keeps over
 * them: an endpoint can neither leave out one nor make one up unseen. `undefined` where there is no contract at that block.
 *
 * @throws {UnreachableError} when no endpoint answers
 */
export async function readContractAnchors(
  options: ReadContractAnchorsOptions,
  context: AuditContext,
): Promise<ContractAnchors | undefined> {
  const { endpoints, contract, block, submitters, noted } = options;
  const { findings, signal } = context;
  const read = signal === undefined ? {} : { signal };
  const code = await endpoints.read("eth_getCode", [contract, `0x${block.number.toString(16)}`], read);
  if (code === "0x") {
    const due = noted.filter(({ evm }) => evm?.blockNumber !== undefined && evm.blockNumber <= block.number);
    if (due.length > 0) {
      findings.add(
        "contract-differs",
        contract,
        `there is no contract at block ${block.number}, though ${due.length} anchors before it are noted here`,
      );
    }
    return undefined;
  }
  const pinned = await pinContract(endpoints, contract, { block, ...read });
  await compareCode(contract, pinned, noted, context);
  const fromBlock = options.fromBlock ??
    await findFirstBlock(endpoints, contract, { toBlock: block.number, ...read }) ?? 0n;
  const anchors: ChainAnchor[] = [];
  let isComplete = true;
  for (const submitter of submitters) {
    const found: ChainAnchor[] = [];
    const topics = anchoredTopics(submitter as `0x${string}`) as readonly TopicFilter[];
    const logs = readContractLogs(endpoints, {
      address: contract,
      topics,
      fromBlock,
      toBlock: block.number,
      ...read,
    });
    for await (const log of logs) {
      const event = parseAnchored(log, contract);
      if (event === undefined) continue;
      const { size, root } = event;
      const { transactionHash, blockNumber } = log;
      found.push({ size, root: fromHex(root.slice(2), 32)!, event, transactionHash, blockNumber });
    }
    const walked = await walkHeads(
      found,
      { ...options, submitter: submitter as `0x${string}`, pinned },
      context,
    );
    anchors.push(...walked.anchors);
    isComplete &&= walked.isComplete;
  }
  return { contract: contract.toLowerCase(), anchors, isComplete, pinned, fromBlock };
}

async function compareCode(
  contract: string,
  { calls }: PinnedContract,
  noted: readonly AuditedAnchor[],
  { findings, signal }: AuditContext,
): Promise<void> {
  const codeHash = await calls.getCodeHash(signal === undefined ? {} : { signal });
  for (const other of new Set(noted.map(({ evm }) => evm!.codeHash))) {
    if (other !== codeHash) {
      findings.add("contract-differs", contract, `its code hashes to ${codeHash}, noted here is ${other}`);
    }
  }
}

interface Walk extends ReadContractAnchorsOptions {
  readonly submitter: `0x${string}`;
  readonly pinned: PinnedContract;
}

/**
 * From the account's newest head back to its first anchor. Each head is a hash over an anchor and the head before it, so
 * whatever is missing between two of them, or added, does not fit.
 */
async function walkHeads(
  found: readonly ChainAnchor[],
  { endpoints, contract, block, submitter, pinned }: Walk,
  { findings, signal }: AuditContext,
): Promise<Pick<ContractAnchors, "anchors" | "isComplete">> {
  const read = signal === undefined ? {} : { signal };
  // On Arbitrum, a contract sees the number of the parent chain's block.
  const hasParent = found.length > 0 && await getEvmBlockNumber(endpoints, block.number, read) !== undefined;
  let wanted = await pinned.calls.getAnchorHead(submitter, read);
  const trusted: ChainAnchor[] = [];
  for (const anchor of found.toReversed()) {
    const parent = hasParent ? await getEvmBlockNumber(endpoints, anchor.blockNumber, read) : undefined;
    const numbers = [anchor.blockNumber, ...(parent === undefined ? [] : [parent])];
    if (!numbers.some((number) => nextAnchorHead(anchor.event, number) === wanted)) {
      findings.add(
        "anchor-head-differs",
        `${contract}, transaction ${anchor.transactionHash}`,
        `the contract's state does not commit to the anchor of size ${anchor.size} that an endpoint tells of`,
      );
      continue;
    }
    trusted.unshift(anchor);
    wanted = anchor.event.previous;
  }
  const isComplete = wanted === NO_HEAD || wanted === await headBefore();
  if (!isComplete) {
    findings.add(
      "anchor-head-differs",
      `${contract}, ${submitter}`,
      `the contract's state commits to an anchor of size ${BigInt(wanted) >> 192n} that no endpoint tells of`,
    );
  }
  return { anchors: trusted, isComplete };

  /** A contract goes on from what the one before it had. */
  async function headBefore(): Promise<string | undefined> {
    const before = await pinned.calls.getPredecessor(read);
    if (before === undefined) return undefined;
    return await createContractCalls(endpoints, before, { block: pinned.at }).getAnchorHead(submitter, read);
  }
}

export interface CompareAnchorsOptions {
  readonly block: PinnedBlock;
  /** What is noted here of that contract. */
  readonly noted: readonly AuditedAnchor[];
  /** What the log says to a head. */
  readonly outcomeOf: (anchor: ChainAnchor) => HeadOutcome | undefined;
  /** Whether that anchor is being made right now, or was noted since. */
  readonly isUnderWay: (anchor: ChainAnchor) => boolean;
}

/** Holds what is noted here against what the contract has, both ways. */
export function compareAnchors(
  { contract, anchors, isComplete }: ContractAnchors,
  { block, noted, outcomeOf, isUnderWay }: CompareAnchorsOptions,
  { findings, notes, unknown, isOlderCopy = false }: AuditContext,
): void {
  const key = (submitter: string, { size, root }: LogHead) =>
    `${submitter.toLowerCase()} ${size} ${root.toHex()}`;
  const known = new Map(noted.map((anchor) => [key(anchor.submitter, anchor), anchor]));
  const seen = new Set<AuditedAnchor>();
  let newerCount = 0;
  for (const anchor of anchors) {
    const ours = known.get(key(anchor.event.submitter, anchor));
    if (ours === undefined) {
      reportUnknown(anchor);
      continue;
    }
    seen.add(ours);
    const { transactionHash, blockNumber } = ours.evm!;
    if (transactionHash === undefined) continue;
    if (transactionHash === anchor.transactionHash && blockNumber === anchor.blockNumber) continue;
    findings.add(
      "anchor-place-differs",
      ours.where,
      `size ${ours.size}: noted is ${transactionHash} in block ${blockNumber}, the chain has ${anchor.transactionHash} in block ${anchor.blockNumber}`,
    );
  }
  if (newerCount > 0) notes.push(`the contract has ${newerCount} anchors that were made since`);
  const due = noted.filter((anchor) => !seen.has(anchor));
  const later = due.filter(({ evm }) => evm!.blockNumber === undefined || evm!.blockNumber > block.number);
  if (later.length > 0) {
    notes.push(`${later.length} of the anchors noted here are not final yet, and were not looked for`);
  }
  for (const { where, size, evm } of due.filter((anchor) => !later.includes(anchor))) {
    const detail = `size ${size}, transaction ${
      evm!.transactionHash
    }: not among the anchors of ${contract} up to block ${block.number}`;
    if (isComplete) findings.add("anchor-missing-on-chain", where, detail);
    else unknown.push(`whether the anchor of ${where} is in the contract, as events were left out`);
  }

  function reportUnknown(anchor: ChainAnchor): void {
    const { size, transactionHash, blockNumber } = anchor;
    const where = `${contract}, transaction ${transactionHash}`;
    const outcome = outcomeOf(anchor);
    // A root that is not the copy's own contradicts it; what it is too short for, or did not note yet, came later.
    if (isOlderCopy && outcome?.kind !== "differs") newerCount++;
    else if (outcome?.kind !== "holds") {
      const here = outcome?.kind === "differs"
        ? `has another root there, ${outcome.derived.toHex()}`
        : "is shorter";
      findings.add(
        "anchor-extra-on-chain",
        where,
        `size ${size}, root ${anchor.root.toHex()}, block ${blockNumber}: the log ${here}`,
      );
    } else if (isUnderWay(anchor)) {
      notes.push(`the anchor of size ${size} is being made, and not noted yet`);
    } else {
      findings.add("anchor-missing-here", where, `size ${size}, block ${blockNumber}: the log has that root`);
    }
  }
}
