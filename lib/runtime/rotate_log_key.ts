import { join } from "node:path";
import { PotError, UsageError } from "../core/errors.ts";
import type { FileLayer } from "../io/file_layer.ts";
import type { Log } from "../log/log.ts";
import { openLogKeyring } from "./log_keyring.ts";

/** What a rotation did. */
export interface LogKeyRotation {
  /** Verifier key of the one that signs no larger size. */
  readonly from: string;
  /** Verifier key of the one in force now: publish it, with the set. */
  readonly to: string;
  /** The size that both signed. */
  readonly size: bigint;
}

export interface RotateLogKeyOptions {
  readonly files: FileLayer;
  readonly signal?: AbortSignal;
}

/**
 * Replaces the log's key: a new one of the same name, a checkpoint over all records that hands over to it, signed by both,
 * and the old private key is gone. Cut off anywhere, either key is in force; the next rotation, or the next checkpoint, goes on
 * from there. One rotation at a time; processes that have the log open sign with the new key from their next checkpoint on.
 *
 * @throws {UsageError} when the log is empty
 * @throws {PotError} when the key here is not the one in force
 */
export async function rotateLogKey(
  home: string,
  log: Pick<Log, "size" | "checkpoint" | "publishedCheckpoint">,
  { files, signal }: RotateLogKeyOptions,
): Promise<LogKeyRotation> {
  const listening = signal ? { signal } : {};
  if (await log.size() === 0n) {
    throw new UsageError("Cannot rotate the log key as there is no record that it could sign", {
      hint: "record something first, or start over in an empty home with: pot init",
    });
  }
  using _lock = await files.lock(join(home, "log-rotate.lock"), listening);
  const keyring = await openLogKeyring(home, { files });
  const to = await keyring.prepare();
  if (!await keyring.finish(await log.publishedCheckpoint())) {
    await keyring.finish(await log.checkpoint({ ...listening, sign: keyring.handOver }));
  }
  const [current, before] = (await keyring.keys()).toReversed();
  if (current!.verifierKey === to) return { from: before!.verifierKey, to, size: current!.from };
  throw new PotError("Cannot rotate the log key as the hand-over was not published", {
    hint: "try again with: pot log rotate",
  });
}
