/** One file on its way into an archive, or out of it. */
export interface ArchiveFile {
  /** Where it stands in the archive: see {@linkcode isArchivePath}. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Its bytes, exactly `sizeBytes` of them; to be asked for once. */
  chunks(): AsyncIterable<Uint8Array>;
}

const LONGEST_PATH = 240;

/**
 * Whether an archive of ours may hold that path: printable ASCII without spaces, names joined by `/`, none of them `.` or `..`,
 * none empty. So that unpacking cannot reach out of its folder, on any system.
 */
export function isArchivePath(path: string): boolean {
  return path.length <= LONGEST_PATH && /^[\x21-\x7e]+$/.test(path) && !/[\\:*?"<>|]/.test(path) &&
    path.split("/").every((name) => name !== "" && name !== "." && name !== "..");
}

/** A file that is in memory already. */
export function archiveBytes(path: string, bytes: Uint8Array): ArchiveFile {
  return {
    path,
    sizeBytes: bytes.length,
    async *chunks() {
      yield bytes;
    },
  };
}
