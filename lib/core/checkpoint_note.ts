import { importEd25519Key } from "./import_ed25519_key.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { equalBytes } from "./equal_bytes.ts";
import { PotError, UsageError } from "./errors.ts";
import type { LogHead } from "./log_head.ts";
import { type NoteSigner, parseVerifierKey } from "./note_key.ts";
import { isNoteName } from "./note_name.ts";

/** One signature line of a note: who says to have signed, and the bytes. */
export interface NoteSignature {
  /** The key's name, by custom the log's origin. */
  readonly name: string;
  /** 4 bytes that, with the name, tell which key signed. */
  readonly keyHash: Uint8Array;
  /** As the key's algorithm makes it: 64 bytes for Ed25519. */
  readonly signature: Uint8Array;
}

/** A parsed C2SP checkpoint. Parsing says nothing about who signed it. */
export interface CheckpointNote {
  /** Which log it is. */
  readonly origin: string;
  /** Number of leaves. */
  readonly size: bigint;
  /** The RFC 6962 root over them, 32 bytes. */
  readonly root: Uint8Array;
  /** Lines after the root, opaque. */
  readonly extensions: readonly string[];
  /** All signature lines, those of unknown keys included. */
  readonly signatures: readonly NoteSignature[];
  /** The text that the signatures are over, final newline included. */
  readonly text: string;
}

/** What a checkpoint commits to. */
export type CheckpointHead = LogHead & Pick<CheckpointNote, "origin">;

/** Room for the 16 signatures of 5 kB that C2SP signed-note asks verifiers to accept, and more. */
const MAX_NOTE_LENGTH = 256 * 1024;
const MAX_SIGNATURES = 64;
/** Sizes stay below this, so that they fit a signed 64-bit integer anywhere. */
const SIZE_LIMIT = 1n << 63n;
const SIGNATURE_MARK = "\u2014 ";

/**
 * Parses a signed checkpoint (C2SP tlog-checkpoint in a C2SP signed-note), strictly: every field has exactly one
 * accepted spelling.
 *
 * @example
 * ```ts
 * import { parseCheckpointNote } from "@pot/ops";
 * const note = parseCheckpointNote(
 *   "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n" +
 *     "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n",
 * );
 * console.log(note.origin, note.size); // example.com/behind-the-sofa 20852163n
 * ```
 *
 * @throws {PotError} naming what is wrong, with exit code 1
 */
export function parseCheckpointNote(text: string): CheckpointNote {
  requireNoteText(text);
  const gap = text.lastIndexOf("\n\n");
  if (gap === -1) throw refusal("no blank line sets its signatures apart");
  const signedText = text.slice(0, gap + 1);

  const [origin = "", size = "", root = "", ...extensions] = signedText.slice(0, -1).split("\n");
  if (origin === "") throw refusal("its first line, the origin, is empty");
  if (extensions.includes("")) throw refusal("one of its extension lines is empty");
  return {
    origin,
    size: parseSize(size),
    root: parseRoot(root),
    extensions,
    signatures: parseSignatures(text.slice(gap + 2)),
    text: signedText,
  };
}

/**
 * The text of a checkpoint, as it is signed: origin, size and root, a line each (C2SP tlog-checkpoint).
 *
 * @throws {UsageError} when the origin is empty or not one line, the size is not from 0 to 2^63 - 1, or the root is not 32 bytes
 */
export function formatCheckpoint({ origin, size, root }: CheckpointHead): string {
  if (origin === "" || origin.includes("\n") || hasControlCharacter(origin) || !origin.isWellFormed()) {
    throw new UsageError("Cannot write the checkpoint as its origin is not one line of text");
  }
  if (typeof size !== "bigint" || size < 0n || size >= SIZE_LIMIT) {
    throw new UsageError("Cannot write the checkpoint as its size is not from 0 to 2^63 - 1", {
      facts: [`size: ${String(size)}`],
    });
  }
  if (root.length !== 32) throw new UsageError("Cannot write the checkpoint as its root is not 32 bytes");
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/**
 * The checkpoint with one signature, as text.
 *
 * @throws {UsageError} as {@linkcode formatCheckpoint} does
 */
export async function signCheckpointNote(head: CheckpointHead, signer: NoteSigner): Promise<string> {
  return await signNoteText(formatCheckpoint(head), [signer]);
}

/** The note of a text that ends with a newline: the text, a blank line, and a line for each signature (C2SP signed-note). */
export async function signNoteText(text: string, signers: readonly NoteSigner[]): Promise<string> {
  const lines = await Promise.all(signers.map(async (signer) => {
    const { name, keyHash } = signer;
    return formatSignatureLine({ name, keyHash, signature: await signer.sign(text) });
  }));
  return `${text}\n${lines.join("")}`;
}

/** A signature as a line of a note, newline included (C2SP signed-note). */
export function formatSignatureLine({ name, keyHash, signature }: NoteSignature): string {
  return `${SIGNATURE_MARK}${name} ${toBase64(Uint8Array.of(...keyHash, ...signature))}\n`;
}

/**
 * Whether the note is a well-formed checkpoint that this key signed (C2SP signed-note): at least one of its signatures
 * is by the key, and all that say so are valid. Signatures of other keys are ignored. False for everything else,
 * malformed notes and keys included; it never throws.
 *
 * @example
 * ```ts
 * import { verifyCheckpointNote } from "@pot/ops";
 * const key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
 * console.log(await verifyCheckpointNote("not a note", key)); // false
 * ```
 */
export async function verifyCheckpointNote(text: string, verifierKey: string): Promise<boolean> {
  try {
    const { name, keyHash, publicKey } = parseVerifierKey(verifierKey);
    const note = parseCheckpointNote(text);
    const claims = note.signatures.filter((line) => line.name === name && equalBytes(line.keyHash, keyHash));
    if (claims.length === 0) return false;

    const key = await importEd25519Key(publicKey);
    const signed = new TextEncoder().encode(note.text);
    for (const { signature } of claims) {
      if (!await crypto.subtle.verify("Ed25519", key, new Uint8Array(signature), signed)) return false;
    }
    return true;
  } catch {
    return false;
  }
}

function requireNoteText(text: string): void {
  if (typeof text !== "string") throw refusal("it is not text");
  if (text.length > MAX_NOTE_LENGTH) throw refusal(`it is longer than ${MAX_NOTE_LENGTH} characters`);
  if (!text.isWellFormed()) throw refusal("it has a lone surrogate, which no Unicode text has");
  if (hasControlCharacter(text)) throw refusal("it has a control character other than newline");
  if (!text.endsWith("\n")) {
    throw refusal("it does not end with a newline", "the note may be cut off: get it again");
  }
}

function parseSize(line: string): bigint {
  if (!/^(?:0|[1-9][0-9]*)$/.test(line)) {
    throw refusal("its second line, the size, is not a decimal number without leading zeros");
  }
  // 2^63 has 19 digits; longer ones need not be converted.
  const size = line.length > 19 ? SIZE_LIMIT : BigInt(line);
  if (size >= SIZE_LIMIT) throw refusal("its size is 2^63 or more");
  return size;
}

function parseRoot(line: string): Uint8Array {
  const root = fromBase64(line);
  if (root?.length !== 32) throw refusal("its third line, the root, is not 32 bytes in canonical base64");
  return root;
}

function parseSignatures(block: string): NoteSignature[] {
  if (block === "") throw refusal("it has no signature");
  const lines = block.slice(0, -1).split("\n");
  if (lines.length > MAX_SIGNATURES) throw refusal(`it has more than ${MAX_SIGNATURES} signatures`);
  return lines.map((line, i) => {
    const [mark, name = "", base64 = "", ...rest] = line.split(" ");
    const bytes = fromBase64(base64);
    const isLine = `${mark} ` === SIGNATURE_MARK && isNoteName(name) && rest.length === 0;
    // Four bytes of key hash, then at least one of signature.
    if (!isLine || bytes === undefined || bytes.length < 5) {
      throw refusal(`its signature line ${i + 1} is not "— <name> <base64>"`);
    }
    return { name, keyHash: bytes.slice(0, 4), signature: bytes.slice(4) };
  });
}

function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 && unit !== 0x0a) return true;
  }
  return false;
}

function refusal(reason: string, hint?: string): PotError {
  return new PotError(`Cannot read the checkpoint note as ${reason}`, hint === undefined ? {} : { hint });
}
