import { join } from "node:path";
import { equalBytes } from "../core/equal_bytes.ts";
import { PotError, UsageError } from "../core/errors.ts";
import type { SignedHead } from "../core/log_head.ts";
import { rootFromNodes } from "../core/merkle/stored_tree.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { createCheckpointFile } from "./checkpoint_file.ts";
import type { Log } from "./log.ts";
import { publishTiles } from "./publish_tiles.ts";
import { createTileStore } from "./tile_store.ts";

/** Where and how long to publish. */
export interface PublishLogOptions {
  /** Holds the folder. */
  readonly files: FileLayer;
  /** Ends the wait for another process that publishes there. */
  readonly signal?: AbortSignal;
}

/**
 * Writes what a log has published into a folder, in C2SP tlog-tiles layout and nothing besides, for any static server:
 * tiles and entry bundles first, then the checkpoint over them. A folder that was published to before gets what is new.
 *
 * @returns the checkpoint there; `undefined` when the log has published none
 * @throws {UsageError} for the folder of a live log
 * @throws {PotError} when the folder holds another history
 */
export async function publishLog(
  log: Pick<Log, "origin" | "publishedCheckpoint" | "headAt" | "entries">,
  folder: string,
  { files, signal }: PublishLogOptions,
): Promise<SignedHead | undefined> {
  if (await log.publishedCheckpoint() === undefined) return undefined;
  if (await files.stat(join(folder, "write-ahead")) !== undefined) {
    throw new UsageError("Cannot publish into the folder as a log lives in it", {
      facts: [`folder: ${folder}`],
      hint: "choose another folder",
    });
  }
  await files.makeFolder(folder);
  using _lock = await files.lock(join(folder, ".lock"), signal ? { signal } : {});
  // Under the lock: whoever held it before may have published a later one than there was when this began to wait.
  const head = (await log.publishedCheckpoint())!;
  const checkpointFile = createCheckpointFile(folder, { files, origin: log.origin });
  const there = await checkpointFile.read();
  if (there !== undefined) {
    const isOurs = there.size <= head.size && equalBytes((await log.headAt(there.size)).root, there.root);
    if (!isOurs) {
      throw new PotError("Cannot publish into the folder as it holds another history", {
        facts: [`folder: ${folder}`, `size there: ${there.size}`, `size here: ${head.size}`],
        hint:
          "find out which of the two is right before publishing anything; an empty folder is always taken",
      });
    }
    // A key that handed over may have signed the same size again.
    if (there.size === head.size) {
      return there.note === head.note ? there : await checkpointFile.write(head.note, head);
    }
  }
  const store = createTileStore(folder, files);
  const from = there?.size ?? 0n;
  await publishTiles(store, { from: Number(from), entries: log.entries(from, head.size) });
  const root = await rootFromNodes(head.size, store.nodeReader(Number(head.size)));
  if (!equalBytes(root, head.root)) {
    throw new PotError("Cannot publish as the records do not give the signed root", {
      facts: [`size: ${head.size}`],
      hint: "restore the log from a backup",
    });
  }
  return await checkpointFile.write(head.note, head);
}
