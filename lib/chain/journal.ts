import { join } from "node:path";
import { equalBytes } from "../core/equal_bytes.ts";
import { PotError } from "../core/errors.ts";
import type { FileLayer, FileLock } from "../io/file_layer.ts";
import { LockHeldError } from "../io/lock_held_error.ts";
import { openWriteAheadFile } from "../io/write_ahead_file.ts";
import {
  applyJournalFrame,
  decodeJournalFrame,
  encodeJournalFrame,
  type JournalEntry,
  type JournalFrame,
  type SignedFrame,
  type StateFrame,
} from "./journal_entry.ts";

/**
 * Every transaction of one signing key, durable. One sender at a time holds it, across processes.
 *
 * What a caller is told is on disk: `sign` and `note` resolve only after the fsync.
 */
export interface TransactionJournal extends AsyncDisposable {
  readonly address: `0x${string}`;
  readonly chainId: number;
  /** Of this chain, in nonce order; earlier failed attempts under the same key included. */
  entries(): readonly JournalEntry[];
  /** The newest attempt under that key on this chain. */
  find(key: string): JournalEntry | undefined;
  /** One above every nonce ever signed on this chain; 0 when there is none. */
  nextNonce(): number;
  /** Shows in `entries` that a transaction is being checked; memory only. */
  prepare(request: { readonly key: string; readonly purpose: string }): void;
  /** Forgets a prepared transaction that came to nothing. */
  discard(key: string): void;
  /** Writes nonce and signed bytes in one append. */
  sign(signed: Omit<SignedFrame, "type" | "chainId">): Promise<JournalEntry>;
  /** Writes what was learned; nothing when it is known already. */
  note(entry: JournalEntry, news: Pick<StateFrame, "state" | "mined" | "failure">): Promise<JournalEntry>;
}

export interface OpenJournalOptions {
  readonly folder: string;
  /** The signing account, EIP-55. */
  readonly address: `0x${string}`;
  readonly chainId: number;
  readonly files: FileLayer;
}

/** Names the file's format and the account in its first frame. */
const FORMAT = "pot-journal/1";

/**
 * Opens (or starts) the journal `journal-<address>` in `folder` and takes its lock, `journal-<address>.lock`.
 *
 * @throws PotError when another sender holds the lock, or when the file holds what this version cannot read.
 */
export async function openJournal(
  { folder, address, chainId, files }: OpenJournalOptions,
): Promise<TransactionJournal> {
  await files.makeFolder(folder);
  const path = join(folder, `journal-${address.toLowerCase()}`);
  const lock = await takeLock(`${path}.lock`, address, files);
  let opened: Disposable | undefined;
  try {
    const header = new TextEncoder().encode(`${FORMAT} ${address.toLowerCase()}\n`);
    const file = await openWriteAheadFile(path, { files, header });
    opened = file;
    if (!equalBytes(file.header, header)) throw foreignJournal(path);
    const byKey = new Map<string, JournalEntry>();
    const replaced: JournalEntry[] = [];
    let highestNonce = -1;
    let isClosed = false;
    let lastAppend: Promise<void> = Promise.resolve();

    const apply = (frame: JournalFrame): JournalEntry | undefined => {
      if (frame.chainId !== chainId) return undefined;
      const before = byKey.get(frame.key);
      const after = applyJournalFrame(before, frame);
      if (before !== undefined && before.nonce >= 0 && after?.nonce !== before.nonce) replaced.push(before);
      if (after !== undefined) byKey.set(frame.key, after);
      highestNonce = Math.max(highestNonce, frame.nonce);
      return after;
    };
    const write = async (frame: JournalFrame): Promise<JournalEntry> => {
      // The file takes one append at a time; a failed one is its own caller's business.
      const appended = lastAppend.then(() => file.append(encodeJournalFrame(frame)));
      lastAppend = appended.then(() => {}, () => {});
      await appended;
      return apply(frame) ?? never(frame.key);
    };
    for await (const { payload } of file.frames()) apply(decodeJournalFrame(payload));

    return {
      address,
      chainId,
      entries: () => [...replaced, ...byKey.values()].sort((a, b) => a.nonce - b.nonce),
      find: (key) => byKey.get(key),
      nextNonce: () => highestNonce + 1,
      prepare({ key, purpose }) {
        const before = byKey.get(key);
        if (before !== undefined && before.nonce >= 0) replaced.push(before);
        byKey.set(key, {
          key,
          purpose,
          chainId,
          state: "prepared",
          nonce: -1,
          forms: [],
          maxCostWei: 0n,
          signedAtMs: 0,
        });
      },
      discard(key) {
        if (byKey.get(key)?.state !== "prepared") return;
        const at = replaced.findLastIndex((entry) => entry.key === key);
        if (at < 0) byKey.delete(key);
        else byKey.set(key, replaced.splice(at, 1)[0]!);
      },
      sign: (signed) => write({ type: "signed", chainId, ...signed }),
      async note(entry, { state, mined, failure }) {
        const now = byKey.get(entry.key);
        if (now === undefined || now.nonce !== entry.nonce || now.state === "final") return now ?? entry;
        if (now.state === state && now.mined?.blockHash === (mined ?? now.mined)?.blockHash) return now;
        const frame = { type: "state", key: entry.key, chainId, nonce: entry.nonce, state } as const;
        return await write({ ...frame, ...(mined && { mined }), ...(failure !== undefined && { failure }) });
      },
      async [Symbol.asyncDispose]() {
        await lastAppend;
        if (isClosed) return;
        isClosed = true;
        file.close();
        lock.release();
      },
    };
  } catch (error) {
    opened?.[Symbol.dispose]();
    lock.release();
    throw error;
  }
}

async function takeLock(path: string, address: string, files: FileLayer): Promise<FileLock> {
  try {
    return await files.lock(path, { failIfHeld: true });
  } catch (cause) {
    if (!(cause instanceof LockHeldError)) throw cause;
    throw new PotError("Cannot send as another process is sending with the same key", {
      facts: [`account: ${address}`, `lock: ${path}`],
      hint: "wait until it is done, or stop it; the daemon of pot up counts too",
      cause,
    });
  }
}

function foreignJournal(path: string): PotError {
  return new PotError("Cannot open the transaction journal as the file is of another account or format", {
    facts: [`file: ${path}`],
    hint: "move the file away, or restore the right one from a backup",
  });
}

function never(key: string): never {
  throw new Error(`No journal entry for ${key} after it was written`);
}
