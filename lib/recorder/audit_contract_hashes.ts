import { createContractCalls } from "../chain/contract_calls.ts";
import {
  type HashStoredEvent,
  hashStoredTopics,
  hashTopic,
  parseHashStored,
} from "../chain/contract_events.ts";
import type { EndpointPool } from "../chain/endpoint_pool.ts";
import type { PinnedBlock } from "../chain/pin_block.ts";
import { readContractLogs } from "../chain/read_contract_logs.ts";
import { RECORD_SCHEMA } from "../core/record.ts";
import type { AuditContext } from "./audit_context.ts";
import type { ContractAnchors } from "./audit_contract.ts";
import type { AuditedStored } from "./audit_stored.ts";

export interface CompareStoredOptions {
  readonly endpoints: Pick<EndpointPool, "read">;
  readonly block: PinnedBlock;
  /** `<chain id> <contract in lowercase>`. */
  readonly scope: string;
  /** Whose hashes, in lowercase. */
  readonly submitters: readonly string[];
  readonly stored: AuditedStored;
  /** Where the log has a record with that id. */
  readonly find: (id: string) => Promise<number | undefined>;
  /** Whether that hash is being stored right now, or was noted since. */
  readonly isUnderWay: (transactionId: string, index: number) => boolean;
}

/** So many hashes are asked for one by one, where something is odd; beyond that they are only counted. */
const MOST_ASKED = 1_000;

/**
 * Holds what is noted here as stored by itself against the contract's events, both ways, and asks the contract's state about
 * whatever does not fit; answers with how many of our events there are.
 *
 * @throws {UnreachableError} when no endpoint answers
 */
export async function compareStoredHashes(
  { pinned, contract, fromBlock }: ContractAnchors,
  options: CompareStoredOptions,
  context: AuditContext,
): Promise<number> {
  const { endpoints, block, scope, submitters, stored } = options;
  const { findings, signal } = context;
  const read = signal === undefined ? {} : { signal };
  const surplus: HashStoredEvent[] = [];
  let eventCount = 0;
  for (const submitter of submitters) {
    const topics = hashStoredTopics(submitter as `0x${string}`);
    const address = contract as `0x${string}`;
    for await (
      const log of readContractLogs(endpoints, { address, topics, fromBlock, toBlock: block.number, ...read })
    ) {
      const event = parseHashStored(log, contract);
      if (event === undefined) continue;
      eventCount++;
      const note = stored.see(scope, event.transactionId.toString());
      if (note === undefined) {
        if (surplus.length < MOST_ASKED) surplus.push(event);
        continue;
      }
      const where = `stored.jsonl, line ${note.line}`;
      if (hashTopic(note.hash) !== event.hashTopic) {
        findings.add("stored-missing-on-chain", where, `id ${event.transactionId} holds another hash`);
      } else if (note.transactionHash !== undefined && note.transactionHash !== log.transactionHash) {
        findings.add(
          "stored-differs",
          where,
          `it was stored in ${log.transactionHash}, noted is another transaction`,
        );
      }
    }
  }
  await explainSurplus(surplus);
  await lookForUnseen();
  return eventCount;

  /** Hashes that our account stored and that are not noted here: records of the log, or what was stored by hand. */
  async function explainSurplus(events: readonly HashStoredEvent[]): Promise<void> {
    let byHand = 0;
    let newerCount = 0;
    for (const { transactionId } of events) {
      const found = await pinned.calls.getStoredHash(transactionId, read);
      if (found === undefined) continue;
      const index = await options.find(found.hash);
      const where = `${contract}, id ${transactionId}`;
      if (context.isOlderCopy && (index !== undefined || isOfRecord(found.metadata))) newerCount++;
      else if (index !== undefined) {
        if (options.isUnderWay(transactionId.toString(), index)) continue;
        findings.add("stored-missing-here", where, `it is record ${index} of the log`);
      } else if (isOfRecord(found.metadata)) {
        findings.add("stored-extra-on-chain", where, `hash ${found.hash}, ${found.metadata}`);
      } else byHand++;
    }
    if (newerCount > 0) context.notes.push(`the contract has ${newerCount} hashes that were stored since`);
    if (byHand > 0) {
      context.notes.push(`${byHand} of the hashes in the contract were stored by hand, not by the log`);
    }
  }

  /** What no event tells of: the state decides, as an endpoint may leave out events. */
  async function lookForUnseen(): Promise<void> {
    const latest = createContractCalls(endpoints, contract as `0x${string}`);
    let asked = 0;
    let later = 0;
    for (const { line, transactionId, hash } of stored.unseen(scope)) {
      if (++asked > MOST_ASKED) break;
      const id = /^(?:0|[1-9][0-9]{0,77})$/.test(transactionId) ? BigInt(transactionId) : undefined;
      const isThere = async (calls: typeof latest) =>
        id !== undefined && (await calls.getStoredHash(id, read))?.hash === hash;
      if (await isThere(pinned.calls)) continue;
      if (await isThere(latest)) later++;
      else {
        findings.add(
          "stored-missing-on-chain",
          `stored.jsonl, line ${line}`,
          `id ${transactionId} does not hold ${hash}`,
        );
      }
    }
    if (later > 0) context.notes.push(`${later} of the stored hashes are not final yet`);
  }
}

/** Whether the metadata is what is stored beside the hash of a training record. */
function isOfRecord(metadata: string): boolean {
  try {
    const { schema } = JSON.parse(metadata) as { readonly schema?: unknown };
    return schema === RECORD_SCHEMA;
  } catch {
    return false;
  }
}
