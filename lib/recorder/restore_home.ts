import { join } from "node:path";
import { equalBytes } from "../core/equal_bytes.ts";
import { UsageError } from "../core/errors.ts";
import type { LogHead } from "../core/log_head.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { writeNewFile } from "../io/write_new_file.ts";
import type { Log } from "../log/log.ts";
import { type Anchor, decodeAnchor, encodeAnchor } from "./anchor_line.ts";
import type { CheckedItem, RebuildFinding } from "./check_evidence.ts";
import type { ReadContract } from "./rebuild_from_contract.ts";
import type { WrittenFile } from "./rebuild_report.ts";
import { encodeStored } from "./stored_hashes.ts";

/** The log, where it outlived the files beside it. */
export interface SurvivingLog extends Pick<Log, "find" | "headAt"> {
  /** Records that its newest checkpoint covers. */
  readonly size: bigint;
  /**
   * The signed checkpoint over a head that is this log's own: the one that is there, or one signed again; Ed25519 gives the same
   * signature as the first time. `undefined` where the key that may vouch for that size is gone.
   */
  noteOver(head: LogHead): Promise<string | undefined>;
}

export interface RestoreHomeOptions {
  readonly files: FileLayer;
  readonly folder: string;
  readonly chainId: string;
  readonly log: SurvivingLog;
  /** Whose anchors and stored hashes these are. */
  readonly submitters: readonly string[];
  readonly signal?: AbortSignal;
  readonly onFinding: (finding: RebuildFinding) => void;
}

/**
 * Writes `anchors.jsonl` and `stored.jsonl` again: of the anchors those whose root is the log's own at that size, of the stored hashes those
 * that are records of the log. What does not fit the log is named.
 */
export async function restoreHome(
  contracts: readonly ReadContract[],
  options: RestoreHomeOptions,
): Promise<readonly WrittenFile[]> {
  const { files, folder, submitters, signal } = options;
  using _lock = await files.lock(join(folder, "anchoring.lock"), signal === undefined ? {} : { signal });
  const isOurs = (item: CheckedItem) => submitters.includes(item.event.submitter);
  const written: WrittenFile[] = [];
  for (
    const [name, what, lines] of [
      ["anchors.jsonl", "anchors", anchorLines],
      ["stored.jsonl", "stored hashes", storedLines],
    ] as const
  ) {
    const path = join(folder, name);
    const count = await writeNewFile(files, path, lines(contracts, { ...options, isOurs }));
    if (count > 0) written.push({ path, what, count });
  }
  return written;
}

const nothing = () => {};

export interface FindSubmittersOptions {
  readonly log: SurvivingLog;
  /** Who is meant. */
  readonly submitters?: readonly string[];
  /** Who signs here, and who did before, as far as that is known. */
  readonly accounts?: readonly string[];
}

/**
 * Whose anchors are this log's: who is named, else who signs here or did, else the one whose anchors fit.
 *
 * @throws {UsageError} when several could be.
 */
export async function findSubmitters(
  contracts: readonly ReadContract[],
  { submitters, accounts = [], log }: FindSubmittersOptions,
): Promise<readonly string[]> {
  if (submitters !== undefined) return submitters;
  const misfits = new Map<string, number>();
  const fits = new Map<string, number>();
  for (const contract of contracts) {
    for await (const item of contract.items(nothing)) {
      const { submitter } = item.event;
      if (accounts.includes(submitter)) return accounts;
      if (item.kind !== "anchor") continue;
      const counts = await isOurHead(headOf(item), log) ? fits : misfits;
      counts.set(submitter, (counts.get(submitter) ?? 0) + 1);
    }
  }
  const candidates = [...fits.keys()].filter((submitter) => !misfits.has(submitter));
  const found = candidates.length > 0 ? candidates : [...fits.keys()];
  if (found.length > 0) {
    if (found.length === 1) return found;
    throw new UsageError(
      "Cannot tell which account anchors for this log as the roots of several are its own",
      {
        facts: found.map((submitter) => `${submitter}: ${fits.get(submitter)} anchors`),
        hint: "name it with --submitter",
      },
    );
  }
  return await findStorers(contracts, log);
}

/** Where nobody anchored: who stored records of this log. */
async function findStorers(
  contracts: readonly ReadContract[],
  log: SurvivingLog,
): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const contract of contracts) {
    for await (const item of contract.items(nothing)) {
      if (item.kind !== "hash" || found.has(item.event.submitter)) continue;
      if (await log.find(item.stored.hash) !== undefined) found.add(item.event.submitter);
    }
  }
  if (found.size <= 1) return [...found];
  throw new UsageError("Cannot tell which account stores for this log as several have stored its records", {
    facts: [...found],
    hint: "name it with --submitter",
  });
}

interface LinesOptions extends RestoreHomeOptions {
  readonly isOurs: (item: CheckedItem) => boolean;
}

async function* anchorLines(
  contracts: readonly ReadContract[],
  { log, isOurs, onFinding, signal }: LinesOptions,
): AsyncGenerator<string, void> {
  for (const contract of contracts) {
    for await (const item of contract.items(nothing)) {
      signal?.throwIfAborted();
      // One without a receipt is named where the recovered file is written.
      if (item.kind !== "anchor" || !isOurs(item) || item.frame.anchor === undefined) continue;
      const { size, facts } = decodeAnchor(item.frame.anchor, `the progress of ${contract.contract}`);
      const head = headOf(item);
      const subject = `anchor of size ${size}`;
      if (!await isOurHead(head, log)) {
        const detail = size > log.size
          ? `the log here has ${log.size} records, fewer than were anchored: restore a newer backup of it`
          : "its root is not the log's at that size: the log here is not the one that was anchored";
        onFinding({ severity: "mismatch", subject, detail });
        continue;
      }
      const note = await log.noteOver(head);
      if (note === undefined) {
        const detail =
          "it was signed with an earlier log key, which is gone: a later anchor covers its records";
        onFinding({ severity: "note", subject, detail });
        continue;
      }
      const anchor: Anchor = { ...head, note, facts };
      yield JSON.stringify(encodeAnchor(anchor));
    }
  }
}

async function* storedLines(
  contracts: readonly ReadContract[],
  { log, chainId, isOurs, onFinding, signal }: LinesOptions,
): AsyncGenerator<string, void> {
  for (const { contract, items } of contracts) {
    const scope = `${chainId} ${contract.toLowerCase()}`;
    let unknownCount = 0;
    for await (const item of items(nothing)) {
      signal?.throwIfAborted();
      if (item.kind !== "hash" || !isOurs(item)) continue;
      const index = await log.find(item.stored.hash);
      if (index === undefined) unknownCount++;
      else {
        const { transactionHash } = item.event;
        yield JSON.stringify(encodeStored(scope, index, { ...item.stored, transactionHash }));
      }
    }
    if (unknownCount > 0) {
      const which = unknownCount === 1 ? "1 is no record" : `${unknownCount} are no records`;
      const detail = `${which} of the log here, as what pot chain store and pot test store`;
      onFinding({ severity: "note", subject: "stored hashes", detail });
    }
  }
}

function headOf({ event }: Extract<CheckedItem, { readonly kind: "anchor" }>): LogHead {
  return { size: event.size, root: Uint8Array.fromHex(event.root.slice(2)) };
}

async function isOurHead({ size, root }: LogHead, log: SurvivingLog): Promise<boolean> {
  return size <= log.size && equalBytes((await log.headAt(size)).root, root);
}
