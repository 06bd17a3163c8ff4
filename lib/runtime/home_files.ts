/** How a file of the home folder is taken into a backup. */
export type HomeFileKind =
  /** Only ever appended to: as far as it reached at one moment. */
  | "lines"
  /** Replaced as a whole. */
  | "document";

/**
 * The files of the home folder that a backup holds, in the order in which they are looked at: nothing can be known of what was not
 * there before. A name that is not here is in no backup, which keeps private keys, keystores and whatever else lies there out.
 *
 * `tokens.json` is not among them, though it holds hashes alone: an old one would bring back tokens that were revoked since.
 */
export const HOME_FILES: readonly { readonly name: string; readonly kind: HomeFileKind }[] = [
  { name: "anchoring.json", kind: "document" },
  { name: "anchors.jsonl", kind: "lines" },
  { name: "stored.jsonl", kind: "lines" },
  { name: "provenance_records.jsonl", kind: "lines" },
  { name: "rotation.json", kind: "document" },
  { name: "access-head.json", kind: "document" },
  { name: "access.jsonl", kind: "lines" },
];

/** Looked at once the log is. */
export const LATER_FILES: typeof HOME_FILES = [
  { name: "log-keys.jsonl", kind: "lines" },
  { name: "writes-paused.json", kind: "document" },
];

/** Folders of the home, and what in them a backup holds. */
export const HOME_FOLDERS: readonly {
  readonly name: string;
  readonly files: RegExp;
  readonly kind: HomeFileKind;
}[] = [
  { name: "journal", files: /^journal-0x[0-9a-f]{40}$/, kind: "lines" },
  { name: "state", files: /^[a-z0-9][a-z0-9-]{0,63}\.state$/, kind: "document" },
  { name: "recovered", files: /^[A-Za-z0-9._-]{1,120}\.jsonl$/, kind: "lines" },
];

/** Documents that records name by digest: they never change, and are taken last. */
export const MANIFESTS = { name: "manifests", files: /^[0-9a-f]{64}\.json$/ } as const;

/** Derived from what a backup holds; goes with it when that is replaced. */
export const DERIVED_FILES: readonly string[] = [
  "provenance_records.sqlite",
  "provenance_records.sqlite-wal",
  "provenance_records.sqlite-shm",
];

/** Every name in the home folder that a restore replaces. */
export const RESTORED_NAMES: readonly string[] = [
  ...[...HOME_FILES, ...LATER_FILES, ...HOME_FOLDERS, MANIFESTS].map(({ name }) => name),
  "log",
];

/** What is in the home folder and neither in a backup nor worth a word. */
export function isUnspoken(name: string): boolean {
  return DERIVED_FILES.includes(name) || name.endsWith(".lock") || name === "daemon.json" ||
    name === ".gitignore" || name === "restoring.json" || name === "backup-work" ||
    /^(?:before-restore|restoring)-/.test(name) || /^\..+\.tmp$/.test(name);
}
