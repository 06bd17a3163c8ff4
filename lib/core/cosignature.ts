import { importEd25519Key } from "./import_ed25519_key.ts";
import type { CheckpointNote, NoteSignature } from "./checkpoint_note.ts";
import { equalBytes } from "./equal_bytes.ts";
import type { VerifierKey } from "./note_key.ts";

/** A witness's statement that, at that time, this was the largest tree of the log it had seen, and that it extends all earlier ones. */
export interface Cosignature {
  /** Unix seconds, by the witness's clock, at most 2^63 - 1. */
  readonly time: bigint;
  /** Ed25519, 64 bytes. */
  readonly signature: Uint8Array;
}

/** What a note has by one witness. `invalid`: a line that claims to be by its key, but is not; such a note is to be refused whole. */
export type FoundCosignature =
  | { readonly outcome: "valid"; readonly cosignature: Cosignature; readonly line: NoteSignature }
  | { readonly outcome: "absent" }
  | { readonly outcome: "invalid" };

const TIME_BYTES = 8;
const SIGNATURE_BYTES = 64;

/**
 * The cosignature by that witness among a note's signatures (C2SP tlog-cosignature, Ed25519). Every line with the key's
 * name and hash must verify, as signed-note asks; of several, the newest counts. Never throws for what a note holds.
 *
 * @param witness as `parseWitnessKey` gives it
 */
export async function findCosignature(
  note: Pick<CheckpointNote, "text" | "signatures">,
  witness: VerifierKey,
): Promise<FoundCosignature> {
  const claims = note.signatures.filter(({ name, keyHash }) =>
    name === witness.name && equalBytes(keyHash, witness.keyHash)
  );
  let newest: FoundCosignature = { outcome: "absent" };
  for (const line of claims) {
    const cosignature = parseCosignature(line.signature);
    if (cosignature === undefined || !await isValid(note.text, cosignature, witness)) {
      return { outcome: "invalid" };
    }
    if (newest.outcome !== "valid" || newest.cosignature.time < cosignature.time) {
      newest = { outcome: "valid", cosignature, line };
    }
  }
  return newest;
}

/** The bytes behind the key hash as a timestamped Ed25519 signature; `undefined` where they are none, as ML-DSA's are not. */
export function parseCosignature(bytes: Uint8Array): Cosignature | undefined {
  if (bytes.length !== TIME_BYTES + SIGNATURE_BYTES) return undefined;
  const time = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0);
  return time < 1n << 63n ? { time, signature: bytes.slice(TIME_BYTES) } : undefined;
}

/** What stands behind the key hash in a cosignature's line. The inverse of {@linkcode parseCosignature}. */
export function encodeCosignature({ time, signature }: Cosignature): Uint8Array {
  const bytes = new Uint8Array(TIME_BYTES + signature.length);
  new DataView(bytes.buffer).setBigUint64(0, time);
  bytes.set(signature, TIME_BYTES);
  return bytes;
}

/** What a witness signs: two lines of its own, then the checkpoint's text. `text` ends with a newline. */
export function cosignatureMessage(text: string, time: bigint): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`cosignature/v1\ntime ${time}\n${text}`);
}

async function isValid(text: string, { time, signature }: Cosignature, { publicKey }: VerifierKey) {
  try {
    const key = await importEd25519Key(publicKey);
    const message = cosignatureMessage(text, time);
    return await crypto.subtle.verify("Ed25519", key, new Uint8Array(signature), message);
  } catch {
    // A public key that is no point of the curve signs nothing.
    return false;
  }
}
