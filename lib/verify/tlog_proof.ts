import { fromBase64, toBase64 } from "../core/base64.ts";
import { type CheckpointNote, parseCheckpointNote, verifyCheckpointNote } from "../core/checkpoint_note.ts";
import { PotError } from "../core/errors.ts";
import { leafHash } from "../core/merkle/leaf_hash.ts";
import { verifyInclusion } from "../core/merkle/verify_inclusion.ts";

/** First line of the format (C2SP tlog-proof). */
export const TLOG_PROOF_HEADER = "c2sp.org/tlog-proof@v1";

/** A proof that an entry is in a log: its place, the path to the root, and the checkpoint over it (C2SP tlog-proof). */
export interface TlogProof {
  /** Position of the entry's leaf, from 0. */
  readonly index: bigint;
  /** 32-byte hashes from the leaf to the root (RFC 6962 §2.1.1). */
  readonly path: readonly Uint8Array[];
  /** The checkpoint note, cosignatures included, final newline included. */
  readonly checkpoint: string;
  /** Whatever the writer wanted to send along: nothing vouches for it. */
  readonly extra?: Uint8Array;
}

/** Room for an entry of 65 535 bytes, 64 nodes, and the longest note. */
const MAX_LENGTH = 512 * 1024;
const MAX_EXTRA_BYTES = 128 * 1024;
const MAX_PATH_LENGTH = 64;
const SIZE_LIMIT = 1n << 63n;

/**
 * Reads a C2SP tlog-proof, strictly: every field has exactly one accepted spelling, and the checkpoint must be one.
 *
 * @example
 * ```ts
 * import { parseTlogProof, PotError } from "@pot/ops";
 * try {
 *   parseTlogProof("c2sp.org/tlog-proof@v2\n");
 * } catch (error) {
 *   console.log(error instanceof PotError && error.message);
 * }
 * ```
 *
 * @throws {PotError} naming what is wrong, with exit code 1
 */
export function parseTlogProof(text: string): TlogProof {
  if (typeof text !== "string") throw refusal("it is not text");
  if (text.length > MAX_LENGTH) throw refusal(`it is longer than ${MAX_LENGTH} characters`);
  // The path's lines are not empty, so the first blank line ends it.
  const gap = text.indexOf("\n\n");
  if (gap === -1) throw refusal("no blank line sets its checkpoint apart");
  const [header, ...lines] = text.slice(0, gap).split("\n");
  if (header !== TLOG_PROOF_HEADER) throw refusal(`its first line is not ${TLOG_PROOF_HEADER}`);

  const extra = lines[0]?.startsWith("extra ") ? parseExtra(lines.shift()!) : undefined;
  const index = parseIndex(lines.shift() ?? "");
  if (lines.length > MAX_PATH_LENGTH) throw refusal(`it has more than ${MAX_PATH_LENGTH} hashes`);
  const path = lines.map((line, i) => {
    const hash = fromBase64(line);
    if (hash?.length !== 32) throw refusal(`its hash ${i + 1} is not 32 bytes in canonical base64`);
    return hash;
  });
  const checkpoint = text.slice(gap + 2);
  parseCheckpointNote(checkpoint);
  return { index, path, checkpoint, ...(extra === undefined ? {} : { extra }) };
}

/** The text of a tlog-proof. The inverse of {@linkcode parseTlogProof}. */
export function formatTlogProof({ index, path, checkpoint, extra }: TlogProof): string {
  const lines = [
    TLOG_PROOF_HEADER,
    ...(extra === undefined || extra.length === 0 ? [] : [`extra ${toBase64(extra)}`]),
    `index ${index}`,
    ...path.map(toBase64),
  ];
  return `${lines.map((line) => `${line}\n`).join("")}\n${checkpoint}`;
}

/** What a tlog-proof is held against. */
export interface VerifyTlogProofOptions {
  /** The entry's bytes; of a `pot` log, the record's. */
  readonly entry: Uint8Array;
  /** C2SP verifier key of the log, whose name must be the checkpoint's origin. */
  readonly logKey: string;
}

/**
 * Whether the proof shows that the entry is in the log: the log signed the checkpoint, and the path leads from the entry to its
 * root. False for everything else; it never throws. Cosignatures are `findCosignature`'s business.
 *
 * @example
 * ```ts
 * import { parseTlogProof, verifyTlogProof } from "@pot/ops";
 * async function isLogged(proof: string, record: Uint8Array, logKey: string): Promise<boolean> {
 *   return await verifyTlogProof(parseTlogProof(proof), { entry: record, logKey });
 * }
 * console.log(isLogged.name);
 * ```
 */
export async function verifyTlogProof(
  { index, path, checkpoint }: TlogProof,
  { entry, logKey }: VerifyTlogProofOptions,
): Promise<boolean> {
  if (!await verifyCheckpointNote(checkpoint, logKey)) return false;
  const { origin, size, root }: CheckpointNote = parseCheckpointNote(checkpoint);
  if (logKey.slice(0, logKey.indexOf("+")) !== origin || !(entry instanceof Uint8Array)) return false;
  return verifyInclusion({ leafHash: leafHash(entry), index, size, path, root });
}

function parseExtra(line: string): Uint8Array {
  const bytes = fromBase64(line.slice("extra ".length));
  if (bytes === undefined || bytes.length === 0) {
    throw refusal("its extra data is not something in canonical base64");
  }
  if (bytes.length > MAX_EXTRA_BYTES) {
    throw refusal(`its extra data is longer than ${MAX_EXTRA_BYTES} bytes`);
  }
  return bytes;
}

function parseIndex(line: string): bigint {
  const [, digits] = /^index (0|[1-9][0-9]{0,18})$/.exec(line) ?? [];
  if (digits === undefined) {
    throw refusal('it has no line "index" with a decimal number without leading zeros');
  }
  const index = BigInt(digits);
  if (index >= SIZE_LIMIT) throw refusal("its index is 2^63 or more");
  return index;
}

function refusal(reason: string): PotError {
  return new PotError(`Cannot read the tlog-proof as ${reason}`, {
    hint: "write it again with: pot export tlog-proof <proof>",
  });
}
