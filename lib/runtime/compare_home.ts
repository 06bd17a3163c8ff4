import { createHash } from "node:crypto";
import { join } from "node:path";
import type { BackupManifest } from "../backup/backup_manifest.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { openWriteAheadSnapshot } from "../log/read_write_ahead.ts";
import type { Config } from "./config.ts";

/** What a restore would change. */
export interface HomeDifference {
  /** Records here now; `undefined` where the log cannot be read, or is in PostgreSQL. */
  readonly recordsHere: number | undefined;
  /** Records of the backup. */
  readonly recordsInBackup: number;
  /** Files outside of the log, relative to the home folder. */
  readonly added: readonly string[];
  /** There are others of these names here. */
  readonly changed: readonly string[];
  /** Kept aside, as the backup has none of that name. */
  readonly removed: readonly string[];
  /** Names that stay as they are here, as they hold all that the backup has of them and more. */
  readonly stays: readonly string[];
}

/** What only grows, and of which an older state must not come back where the newer one is at hand: who signs, and who did what. */
const GROWING: readonly (readonly string[])[] = [["log-keys.jsonl"], ["access.jsonl", "access-head.json"]];

/** Compares an unpacked backup with the home folder. Reads both, changes neither. */
export async function compareHome(
  { home, logUrl }: Pick<Config, "home" | "logUrl">,
  { unpacked, manifest, files }: {
    readonly unpacked: string;
    readonly manifest: BackupManifest;
    readonly files: FileLayer;
  },
): Promise<HomeDifference> {
  const stays: string[] = [];
  for (const names of GROWING) {
    if (await beginsWith(join(home, names[0]!), join(unpacked, names[0]!), files)) stays.push(...names);
  }
  const ours = manifest.files.flatMap(({ path, sha256 }) =>
    path.startsWith("home/") && !path.startsWith("home/log/") ? [{ path: path.slice(5), sha256 }] : []
  ).filter(({ path }) => !stays.includes(path));
  const added: string[] = [];
  const changed: string[] = [];
  for (const { path, sha256 } of ours) {
    const here = await digestOf(join(home, path), files);
    if (here === undefined) added.push(path);
    else if (here !== sha256) changed.push(path);
  }
  const known = new Set(ours.map(({ path }) => path));
  const removed: string[] = [];
  for (
    const folder of new Set(
      ours.map(({ path }) => path.split("/")).filter(({ length }) => length > 1).map(([a]) => a!),
    )
  ) {
    for (const { name, isFile } of await files.list(join(home, folder))) {
      const path = `${folder}/${name}`;
      if (isFile && !known.has(path) && !name.endsWith(".lock")) removed.push(path);
    }
  }
  return {
    recordsHere: logUrl === undefined ? await countRecords(join(home, "log"), files) : undefined,
    recordsInBackup: manifest.log.recordCount,
    added,
    changed,
    removed,
    stays,
  };
}

/** Whether the file here holds what the other one does, and perhaps more behind it. */
async function beginsWith(here: string, other: string, files: FileLayer): Promise<boolean> {
  const [longer, shorter] = [await files.stat(here), await files.stat(other)];
  if (longer === undefined || longer.sizeBytes < (shorter?.sizeBytes ?? 0)) return false;
  const sizeBytes = shorter?.sizeBytes ?? 0;
  return sizeBytes === 0 || await digestOf(here, files, sizeBytes) === await digestOf(other, files);
}

const CHUNK_BYTES = 256 * 1024;

async function digestOf(path: string, files: FileLayer, upTo = Infinity): Promise<string | undefined> {
  if (await files.stat(path) === undefined) return undefined;
  const hash = createHash("sha256");
  const file = await files.open(path, { readOnly: true });
  try {
    for (let at = 0; at < upTo;) {
      const chunk = await file.readAt(at, Math.min(CHUNK_BYTES, upTo - at));
      if (chunk.length === 0) break;
      at += chunk.length;
      hash.update(chunk);
    }
  } finally {
    file.close();
  }
  return hash.digest("hex");
}

/** As far as it can be read: what is restored over may well be damaged. */
async function countRecords(folder: string, files: FileLayer): Promise<number | undefined> {
  try {
    using writeAhead = await openWriteAheadSnapshot(folder, files);
    if (writeAhead === undefined) return undefined;
    let count = writeAhead.base;
    for await (const { position } of writeAhead.entries()) count = position + 1;
    return count;
  } catch {
    return undefined;
  }
}
