import { join } from "node:path";
import { signCheckpointNote, verifyCheckpointNote } from "../core/checkpoint_note.ts";
import { PotError, UsageError } from "../core/errors.ts";
import { isHandOver, nextKeyOf, signHandOver } from "../core/hand_over.ts";
import type { LogHead, SignedHead } from "../core/log_head.ts";
import { type LogKey, mayVouchFor } from "../core/log_keys.ts";
import { generateNoteKey } from "../core/note_key.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { KEY_FILE, type KeyFile, NEXT_KEY_FILE, openLogKey, readKeyFile, writeKeyFile } from "./log_key.ts";
import { appendLogKeyLines, lockLogKeys, readLogKeyLines } from "./log_key_lines.ts";

/**
 * The keys of one home. It keeps none in memory: each use looks at the disk, as another process may have rotated them.
 *
 * What decides which key is in force is the published checkpoint: the one by which the old key hands over to `log.key.next`
 * is the moment of the switch, one atomic step of the log whatever it is kept in. All that follows (a line in `log-keys.jsonl`,
 * `log.key.next` renamed to `log.key`) only repeats it, and is done by whoever signs next where a rotation was cut off.
 */
export interface LogKeyring {
  /** Every key has this name. */
  readonly origin: string;
  /** All keys with the sizes they may vouch for, oldest first. */
  keys(): Promise<readonly LogKey[]>;
  /**
   * Signs a checkpoint with the key in force. Call it where nobody else can publish one meanwhile.
   *
   * @throws {PotError} when the log has been handed over to a key that is not here, or what is published is signed by none that is
   */
  sign(head: LogHead, published: SignedHead | undefined): Promise<string>;
  /** The verifier key that the next rotation hands over to: the one that is prepared already, else a new one. */
  prepare(): Promise<string>;
  /** The checkpoint by which the key in force hands over to the prepared one. As `sign`, and throws as it does. */
  handOver(head: LogHead, published: SignedHead | undefined): Promise<string>;
  /** Completes a rotation whose hand-over is published; answers whether there was one. */
  finish(published: SignedHead | undefined): Promise<boolean>;
}

interface KeysOnDisk {
  readonly current: KeyFile;
  readonly next: KeyFile | undefined;
  readonly keys: readonly LogKey[];
}

/**
 * Opens the keys in a home folder.
 *
 * @throws {UsageError} when it has none, or a damaged one
 */
export async function openLogKeyring(
  home: string,
  { files }: { readonly files: FileLayer },
): Promise<LogKeyring> {
  const keyPath = join(home, KEY_FILE);
  const nextPath = join(home, NEXT_KEY_FILE);
  const { name: origin } = await openLogKey(home, { files });

  async function read(): Promise<KeysOnDisk> {
    // In this order: a rotation writes them in the other one, so that no key goes missing between two reads.
    const current = await readKeyFile(keyPath, files);
    if (current === undefined) throw lost(home);
    const keys = await readLogKeyLines(home, files);
    const next = await readKeyFile(nextPath, files);
    const alone: LogKey = { verifierKey: current.signer.verifierKey, from: 0n };
    return { current, next, keys: keys.length === 0 ? [alone] : keys };
  }

  /** Whether the prepared key is in force already: by what is published, or by what was noted of it. */
  async function isHandedOver(disk: KeysOnDisk, published: SignedHead | undefined): Promise<boolean> {
    const to = disk.next?.signer.verifierKey;
    const from = disk.keys.at(-1)!.verifierKey;
    if (to === undefined || to === from) return to !== undefined;
    return published !== undefined && await isHandOver(published.note, { from, to, size: published.size });
  }

  async function finish(published: SignedHead | undefined): Promise<boolean> {
    if (!await isHandedOver(await read(), published)) return false;
    using _lock = await lockLogKeys(home, files);
    const disk = await read();
    // Another process may have been faster.
    if (!await isHandedOver(disk, published)) return true;
    const { keys, next } = disk;
    const { verifierKey } = next!.signer;
    if (keys.at(-1)!.verifierKey !== verifierKey) {
      const start = { verifierKey, from: published!.size, handOver: published!.note };
      const isFirst = (await readLogKeyLines(home, files)).length === 0;
      await appendLogKeyLines(home, { keys: isFirst ? [...keys, start] : [start], files });
    }
    // The old private key goes with its name.
    await files.rename(nextPath, keyPath);
    await files.syncFolder(home);
    return true;
  }

  /** The key in force, and that it may follow what is published. */
  async function inForce(published: SignedHead | undefined): Promise<KeysOnDisk> {
    await finish(published);
    const disk = await read();
    const { current, keys } = disk;
    if (keys.at(-1)!.verifierKey !== current.signer.verifierKey) throw retired(home);
    if (published !== undefined) await assertKnown(published, keys);
    return disk;
  }

  return {
    origin,
    keys: async () => (await read()).keys,
    async sign(head, published) {
      const { current } = await inForce(published);
      return await signCheckpointNote({ ...head, origin }, current.signer);
    },
    async prepare() {
      using _lock = await lockLogKeys(home, files);
      const { next } = await read();
      if (next !== undefined) return next.signer.verifierKey;
      const { signerKey, verifierKey } = await generateNoteKey(origin);
      await writeKeyFile(nextPath, signerKey, files);
      return verifierKey;
    },
    async handOver(head, published) {
      const { current, next } = await inForce(published);
      if (next === undefined) throw interrupted();
      return await signHandOver({ ...head, origin }, { from: current.signer, to: next.signer });
    },
    finish,
  };
}

/**
 * Another host may have rotated the keys of a log that several share: whoever does not know the key that signs by now
 * must not go on with an old one.
 */
async function assertKnown({ note, size }: SignedHead, keys: readonly LogKey[]): Promise<void> {
  const facts = [`published size: ${size}`, `newest key here: ${keys.at(-1)!.verifierKey}`];
  let isSigned = false;
  for (const [i, key] of keys.entries()) {
    // A copy of the log in another folder begins below where the key in force did.
    const isInRange = mayVouchFor(key, size) || i === keys.length - 1;
    isSigned ||= isInRange && await verifyCheckpointNote(note, key.verifierKey);
  }
  const next = isSigned ? nextKeyOf(note) : undefined;
  if (isSigned && (next === undefined || keys.some(({ verifierKey }) => verifierKey === next))) return;
  throw new PotError("Cannot sign a checkpoint as the published one is signed by a key that is not here", {
    facts: next === undefined ? facts : [...facts, `handed over to: ${next}`],
    hint:
      "bring the log key here from the host where it was rotated: pot log backup-key, pot log restore-key",
  });
}

function retired(home: string): PotError {
  return new PotError("Cannot sign a checkpoint as the log key here has handed over to another one", {
    facts: [`home: ${home}`],
    hint: "restore the newest key with: pot log restore-key <file>",
  });
}

function lost(home: string): UsageError {
  return new UsageError("Cannot open the log as its key is gone", {
    facts: [`home: ${home}`],
    hint: "restore it with: pot log restore-key <file>",
  });
}

function interrupted(): PotError {
  return new PotError("Cannot rotate the log key as another process has changed it meanwhile", {
    hint: "look at the keys with: pot log keys",
  });
}
