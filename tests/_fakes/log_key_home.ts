import { join } from "node:path";
import { verifyCheckpointNote } from "../../lib/core/checkpoint_note.ts";
import { type LogKey, mayVouchFor } from "../../lib/core/log_keys.ts";
import { generateNoteKey } from "../../lib/core/note_key.ts";
import type { FileLayer } from "../../lib/io/file_layer.ts";
import { openFileLog } from "../../lib/log/file_log.ts";
import type { Log } from "../../lib/log/log.ts";
import { KEY_FILE, writeKeyFile } from "../../lib/runtime/log_key.ts";
import { type LogKeyring, openLogKeyring } from "../../lib/runtime/log_keyring.ts";
import { TEST_ORIGIN, testDraft, testLogOptions } from "./test_log.ts";

/** A home folder with a log key, and the log in it. */
export interface OpenedHome {
  readonly keyring: LogKeyring;
  readonly log: Log;
}

/** Puts a new log key into a home. */
export async function makeHome(home: string, files: FileLayer): Promise<void> {
  await files.makeFolder(home);
  const { signerKey } = await generateNoteKey(TEST_ORIGIN);
  await writeKeyFile(join(home, KEY_FILE), signerKey, files);
}

export interface OpenHomeOptions {
  readonly files: FileLayer;
  /** Several homes may share a log, as hosts share one in PostgreSQL. @default log in the home */
  readonly folder?: string;
}

/** The log of test records, signed with the home's keys. Dispose of it. */
export async function openHome(
  home: string,
  { files, folder = join(home, "log") }: OpenHomeOptions,
): Promise<OpenedHome> {
  const keyring = await openLogKeyring(home, { files });
  const log = await openFileLog(
    folder,
    testLogOptions(files, {
      indexPath: ":memory:",
      sign: keyring.sign,
      verifierKeys: async () => (await keyring.keys()).map(({ verifierKey }) => verifierKey).toReversed(),
    }),
  );
  return { keyring, log };
}

/** Appends records of one run, so many that the log has `size`. */
export async function growTo(log: Log, size: number): Promise<void> {
  for (let n = Number(await log.size()); n < size; n++) await log.append(testDraft("run", n));
}

/** Which of the keys signed a note over that size, by position, and may vouch for it. */
export async function signersOf(
  { note, size }: { readonly note: string; readonly size: bigint },
  keys: readonly LogKey[],
): Promise<readonly number[]> {
  const signers: number[] = [];
  for (const [i, key] of keys.entries()) {
    if (mayVouchFor(key, size) && await verifyCheckpointNote(note, key.verifierKey)) signers.push(i);
  }
  return signers;
}
