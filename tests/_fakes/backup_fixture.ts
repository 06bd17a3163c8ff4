import { archiveBytes } from "../../lib/backup/archive_file.ts";
import type { BackupTarget } from "../../lib/backup/backup_target.ts";
import {
  createBackup,
  type CreateBackupOptions,
  type CreatedBackup,
} from "../../lib/backup/create_backup.ts";
import { listBackups, type StoredBackup } from "../../lib/backup/list_backups.ts";
import { readBackup } from "../../lib/backup/read_backup.ts";
import type { Snapshot } from "../../lib/backup/write_archive.ts";
import { seededRandom } from "../../cli/chaos/seeded_random.ts";

export const BACKUP_ORIGIN = "pot/backup";

/** Bytes that gzip cannot make shorter, the same for the same seed. */
export function seededBytes(seed: number, sizeBytes: number): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.from({ length: sizeBytes }, () => Math.floor(random.next() * 256));
}

/** A little state that is not really a home's: two files, the second one of that many bytes. */
export function snapshotOf(
  atMs: number,
  sizeBytes = 3_000,
): Snapshot & AsyncDisposable {
  return {
    facts: {
      origin: BACKUP_ORIGIN,
      createdAt: new Date(atMs).toISOString(),
      version: "0.0.0",
      store: "files",
      log: { recordCount: 0, size: "0" },
      chain: [],
      anchorCount: 0,
    },
    logKeys: [],
    leftOut: [],
    async *files() {
      yield archiveBytes("home/anchors.jsonl", new TextEncoder().encode(`${atMs}\n`));
      yield archiveBytes("home/log/write-ahead", seededBytes(atMs, sizeBytes));
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Makes one of such backups. */
export function backUp(
  atMs: number,
  options: Pick<CreateBackupOptions, "files" | "targets"> & Partial<CreateBackupOptions> & {
    readonly sizeBytes?: number;
  },
): Promise<CreatedBackup> {
  return createBackup(() => Promise.resolve(snapshotOf(atMs, options.sizeBytes)), {
    workFolder: "/work",
    recipients: [],
    identities: [],
    clock: { now: () => atMs },
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    ...options,
  });
}

/** The newest verified backup, read to its last byte and found to be what was backed up then; throws where it is not. */
export async function readNewestVerified(
  target: BackupTarget,
  { identities = [], sizeBytes = 3_000 }: {
    readonly identities?: readonly string[];
    readonly sizeBytes?: number;
  } = {},
): Promise<StoredBackup> {
  const { backups } = await listBackups(target, { origin: BACKUP_ORIGIN });
  const newest = backups.find(({ verified }) => verified !== undefined);
  if (newest === undefined) throw new Error("no verified backup is there");
  const atMs = Date.parse(newest.note.createdAt);
  const seen: string[] = [];
  await readBackup(target.read(newest.name), {
    note: newest.note,
    identities,
    async take({ path, chunks }) {
      const parts: Uint8Array[] = [];
      for await (const chunk of chunks()) parts.push(chunk.slice());
      const bytes = new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
      if (path === "home/log/write-ahead" && bytes.toHex() !== seededBytes(atMs, sizeBytes).toHex()) {
        throw new Error("other bytes than were backed up");
      }
      seen.push(path);
    },
  });
  if (seen.length !== 2) throw new Error(`it holds ${seen.length} files`);
  return newest;
}
