import { join } from "node:path";
import { PotError } from "../core/errors.ts";
import type { FileLayer } from "../io/file_layer.ts";
import type { Recorder } from "../recorder/recorder.ts";
import { isComplete } from "../recorder/refresh_proof.ts";
import { BATCH_PROOF_SCHEMA, type BatchProof } from "../verify/batch_proof.ts";
import { formatBatchProof } from "../verify/format_batch_proof.ts";
import { formatProof } from "../verify/format_proof.ts";
import type { Proof } from "../verify/proof.ts";
import { readAnyProofFile } from "./read_proof_file.ts";
import { replaceProofFile } from "./replace_proof_file.ts";

/** What became of the proof files of a folder. */
export interface UpgradedFolder {
  /** Files that are better than before. */
  readonly upgradedCount: number;
  /** Files that are no proof of this log, or cannot be written: name and reason, in the order of their names. */
  readonly failures: readonly string[];
}

export interface ProofFolderOptions {
  readonly recorder: Pick<Recorder, "upgrade" | "upgradeBatch">;
  readonly files: FileLayer;
}

/** Of one call, so that a huge folder takes its turns. */
const MOST_AT_ONCE = 500;

/**
 * Brings the proof files right in a folder (`*.pot-proof.json`, `*.pot-proofs.json`) up to what this log knows, as
 * `pot upgrade --offline` does; asks nobody. What nothing more can come of, and what failed, is looked at again when the
 * file has changed.
 */
export function createProofFolder(
  folder: string,
  { recorder, files }: ProofFolderOptions,
): (options: { readonly signal: AbortSignal }) => Promise<UpgradedFolder> {
  /** Of each name that needs no further look: the file as it was, and why it failed. */
  const settled = new Map<string, { readonly print: string; readonly failure?: string }>();
  let last = "";

  async function printOf(name: string): Promise<string | undefined> {
    const stat = await files.stat(join(folder, name));
    return stat && `${stat.identity} ${stat.sizeBytes}`;
  }

  async function upgradeFile(
    name: string,
  ): Promise<{ readonly isUpgraded: boolean; readonly failure?: string }> {
    const file = join(folder, name);
    const before = await printOf(name);
    try {
      const proof = await readAnyProofFile(file);
      const better = await upgraded(proof, recorder);
      if (better !== proof) await replaceProofFile(file, await format(better));
      const print = await printOf(name);
      if (print !== undefined && isDone(better)) settled.set(name, { print });
      return { isUpgraded: better !== proof };
    } catch (error) {
      if (!(error instanceof PotError)) throw error;
      const failure = `${name}: ${error.message}`;
      if (before !== undefined) settled.set(name, { print: before, failure });
      return { isUpgraded: false, failure };
    }
  }

  return async ({ signal }) => {
    const names = (await files.list(folder))
      .filter(({ name, isFile }) => isFile && /\.pot-proofs?\.json$/.test(name))
      .map(({ name }) => name).sort();
    const present = new Set(names);
    for (const name of settled.keys()) if (!present.has(name)) settled.delete(name);
    const open: string[] = [];
    for (const name of names) if (settled.get(name)?.print !== await printOf(name)) open.push(name);
    // On from where the last call ended.
    const from = Math.max(0, open.findIndex((name) => name > last));
    let upgradedCount = 0;
    const failures = new Map<string, string>();
    for (const [name, { failure }] of settled) if (failure !== undefined) failures.set(name, failure);
    for (const name of [...open.slice(from), ...open.slice(0, from)].slice(0, MOST_AT_ONCE)) {
      signal.throwIfAborted();
      last = name;
      const { isUpgraded, failure } = await upgradeFile(name);
      if (isUpgraded) upgradedCount++;
      if (failure === undefined) failures.delete(name);
      else failures.set(name, failure);
    }
    return { upgradedCount, failures: [...failures.values()].sort() };
  };
}

async function upgraded(
  proof: Proof | BatchProof,
  recorder: ProofFolderOptions["recorder"],
): Promise<Proof | BatchProof> {
  const options = { isOffline: true };
  return proof.schema === BATCH_PROOF_SCHEMA
    ? (await recorder.upgradeBatch(proof, options)).batch
    : (await recorder.upgrade(proof, options)).proof;
}

async function format(proof: Proof | BatchProof): Promise<string> {
  return proof.schema === BATCH_PROOF_SCHEMA ? await formatBatchProof(proof) : formatProof(proof);
}

/** Whether nothing more can come of it. One that the ledger alone holds may be anchored on a chain one day. */
function isDone({ anchors }: Proof | BatchProof): boolean {
  return anchors.length > 0 && anchors.every((anchor) => isComplete(anchor));
}
