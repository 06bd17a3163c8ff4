/**
 * The one way this project touches files whose loss would matter. The real one is `deno_files.ts`; a test layer
 * forgets every byte and every name that was not synced, which is the only way to see a missing fsync.
 *
 * An implementation MUST:
 * - resolve `FileHandle.sync` only once the file's bytes survive a power cut;
 * - resolve `syncFolder` only once the folder's names (creations, renames, removals) survive one;
 * - make `rename` atomic: a reader sees the old file or the new one, never neither;
 * - grant `lock` to one holder at a time across processes and within one, and release it when the holder dies.
 */
export interface FileLayer {
  /** Opens for reading and writing; creates the file when it is absent and `create` is not false. */
  open(path: string, options?: OpenOptions): Promise<FileHandle>;
  /** The whole file, or `undefined` when there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Gives a file another name, taking that of one that is there. Durable after `syncFolder`. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or an empty folder; nothing happens when there is none. */
  remove(path: string): Promise<void>;
  /** Creates the folder and its parents; nothing happens when it exists. Durable when it resolves. */
  makeFolder(path: string): Promise<void>;
  /** Names in the folder in no particular order; empty when there is no such folder. */
  list(path: string): Promise<readonly FolderEntry[]>;
  /** Size in bytes, and a token that changes when another file takes the name; `undefined` when there is none. */
  stat(path: string): Promise<FileStat | undefined>;
  /** Makes the names in the folder durable. */
  syncFolder(path: string): Promise<void>;
  /**
   * Waits for the exclusive lock on that file (created when absent, never removed; its folder must exist).
   *
   * @throws {LockHeldError} with `failIfHeld`, when someone else holds it
   * @throws the signal's reason, when it aborts before the lock is granted
   */
  lock(path: string, options?: LockOptions): Promise<FileLock>;
}

/** How a file is opened. */
export interface OpenOptions {
  /** Create the file when it is absent. @default true */
  readonly create?: boolean;
  /** Open for reading alone, as on a disk that takes no writes; creates nothing. @default false */
  readonly readOnly?: boolean;
  /** Fail with `Deno.errors.AlreadyExists` when it exists. @default false */
  readonly createNew?: boolean;
  /** Permission bits for a new file. @default 0o644 */
  readonly mode?: number;
}

/** One name in a folder. */
export interface FolderEntry {
  /** Without its path. */
  readonly name: string;
  /** A regular file; false for a link, whatever it leads to. */
  readonly isFile: boolean;
  /** A folder; false for a link, whatever it leads to. */
  readonly isFolder: boolean;
}

/** What is known of a file without reading it. */
export interface FileStat {
  /** Length of its content. */
  readonly sizeBytes: number;
  /** Identifies the file behind the name (device and inode). */
  readonly identity: string;
}

/** An open file, read and written by offset. */
export interface FileHandle {
  /** Up to `lengthBytes` bytes from `offset`; fewer at the end of the file. */
  readAt(offset: number, lengthBytes: number): Promise<Uint8Array>;
  /** Writes all bytes at `offset`. */
  writeAt(offset: number, bytes: Uint8Array): Promise<void>;
  /** Flushes bytes and length to the disk. */
  sync(): Promise<void>;
  /** Cuts the content to that length. */
  truncate(sizeBytes: number): Promise<void>;
  /** Of the open file, even where its name is another's by now. */
  stat(): Promise<FileStat>;
  /** Lets go of the file without syncing it. */
  close(): void;
}

/** How a lock is waited for. */
export interface LockOptions {
  /** Reject with `LockHeldError` (lock_held_error.ts) instead of waiting. @default false */
  readonly failIfHeld?: boolean;
  /** Ends the wait; a lock that was granted stays granted. */
  readonly signal?: AbortSignal;
}

/** Held until released; releasing twice is harmless. */
export interface FileLock {
  /** Lets the next one in. */
  release(): void;
  /** The same, for `using`. */
  [Symbol.dispose](): void;
}
