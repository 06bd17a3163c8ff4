import { join } from "node:path";
import type { PinnedBlock } from "../chain/pin_block.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { writeNewFile } from "../io/write_new_file.ts";
import type { CheckedItem, RebuildFinding } from "./check_evidence.ts";
import type { ReadContract } from "./rebuild_from_contract.ts";
import type { ContractReport, WrittenFile } from "./rebuild_report.ts";

export const RECOVERED_SCHEMA = "pot-recovered/1";

export interface WriteRecoveredOptions {
  readonly files: FileLayer;
  readonly folder: string;
  /** CAIP-2. */
  readonly chainId: string;
  readonly block: PinnedBlock;
  /** Whose. @default everybody's */
  readonly submitters?: readonly string[];
  readonly onFinding: (finding: RebuildFinding) => void;
}

/** `recovered/<chain id>-<contract>.jsonl` in the folder. */
export function recoveredPath(folder: string, chainId: string, contract: string): string {
  return join(folder, "recovered", `${chainId.replace(":", "-")}-${contract.toLowerCase()}.jsonl`);
}

/** Writes everything of one contract that agrees with itself, in the order of the chain. The format is in docs/formats.md. */
export async function writeRecovered(
  source: ReadContract,
  { files, folder, chainId, block, submitters, onFinding }: WriteRecoveredOptions,
): Promise<{ readonly report: ContractReport; readonly file: WrittenFile }> {
  const { contract, codeHash } = source;
  const path = recoveredPath(folder, chainId, contract);
  const counts = new Map<string, { hashCount: number; anchorCount: number }>();
  let total = 0;

  async function* lines(): AsyncGenerator<string, void> {
    const { number, hash, timestamp } = block;
    const at = { number: String(number), hash, timestamp };
    yield JSON.stringify({ schema: RECOVERED_SCHEMA, chainId, contract, codeHash, block: at });
    for await (const item of source.items(onFinding)) {
      const { submitter } = item.event;
      const count = counts.get(submitter) ?? { hashCount: 0, anchorCount: 0 };
      counts.set(submitter, count);
      count[item.kind === "hash" ? "hashCount" : "anchorCount"]++;
      if (submitters?.includes(submitter) === false) continue;
      if (item.kind === "anchor" && item.frame.problem !== undefined) {
        const subject = `anchor of size ${item.event.size} by ${submitter}`;
        onFinding({ severity: "mismatch", subject, detail: item.frame.problem });
      }
      if (item.kind === "hash" && item.stored.metadata.includes("\ufffd")) {
        const detail = "its metadata is not UTF-8: what could not be read stands as U+FFFD";
        onFinding({ severity: "note", subject: `stored hash ${item.stored.transactionId}`, detail });
      }
      total++;
      yield JSON.stringify(toLine(item));
    }
    // Shows that the file is whole.
    yield JSON.stringify({ end: true, count: total });
  }

  await writeNewFile(files, path, lines());
  const list = [...counts].map(([submitter, count]) => ({ submitter, ...count }));
  return {
    report: { contract, codeHash, submitters: list, recoveredFile: path },
    file: { path, what: "recovered", count: total },
  };
}

/** A stored hash as the local ledger spells it; an anchor as the contract's event has it, with what its receipt said. */
function toLine(item: CheckedItem): unknown {
  if (item.kind === "hash") {
    const { transactionId, hash, metadata, timestamp, blockNumber, submitter } = item.stored;
    const { transactionHash } = item.event;
    return {
      transactionId,
      hash,
      metadata,
      timestamp,
      blockNumber: String(blockNumber),
      submitter,
      transactionHash,
    };
  }
  const { size, root, previous, submitter, transactionHash, blockNumber, blockHash } = item.event;
  const { facts } = (item.frame.anchor ?? {}) as { readonly facts?: unknown };
  return {
    root: root.slice(2),
    size: String(size),
    previous: previous.slice(2),
    submitter,
    transactionHash,
    blockNumber: String(blockNumber),
    blockHash,
    ...(facts === undefined ? {} : { facts }),
  };
}
