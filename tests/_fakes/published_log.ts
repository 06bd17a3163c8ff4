import { signCheckpointNote } from "../../lib/core/checkpoint_note.ts";
import { generateNoteKey, importNoteSigner } from "../../lib/core/note_key.ts";
import { denoFiles } from "../../lib/io/deno_files.ts";
import { openFileLog } from "../../lib/log/file_log.ts";
import type { Log } from "../../lib/log/log.ts";
import { publishLog } from "../../lib/log/publish_log.ts";
import { TEST_ORIGIN, testDraft, testLogOptions } from "./test_log.ts";

const { signerKey, verifierKey } = await generateNoteKey(TEST_ORIGIN);
const signer = await importNoteSigner(signerKey);

/** The key that signs published test logs. */
export const PUBLISHED_KEY: string = verifierKey;

/** A log of test records that really signs. Dispose of it. */
export async function openSigningLog(folder: string): Promise<Log> {
  return await openFileLog(
    folder,
    testLogOptions(denoFiles, {
      indexPath: ":memory:",
      sign: (head) => signCheckpointNote({ ...head, origin: TEST_ORIGIN }, signer),
      verifierKeys: [verifierKey],
    }),
  );
}

/** Appends records, so many that the log has `size`, signs a checkpoint and publishes it into the folder. */
export async function publishAt(log: Log, folder: string, size: number): Promise<void> {
  const from = Number(await log.size());
  await Promise.all(Array.from({ length: size - from }, (_, i) => log.append(testDraft("run", from + i))));
  await log.checkpoint();
  await publishLog(log, folder, { files: denoFiles });
}
