import { formatSignatureLine } from "../../lib/core/checkpoint_note.ts";
import { cosignatureMessage, encodeCosignature } from "../../lib/core/cosignature.ts";
import { formatWitnessKey, noteKeyHash } from "../../lib/core/note_key.ts";

/** A witness's key (C2SP tlog-cosignature, Ed25519). */
export interface Cosigner {
  readonly name: string;
  /** The public half as text. */
  readonly witnessKey: string;
  /** The signature line over a checkpoint's text, newline included. */
  cosign(text: string, time: bigint): Promise<string>;
}

export async function makeCosigner(name: string): Promise<Cosigner> {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]) as CryptoKeyPair;
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const keyHash = noteKeyHash(name, publicKey, 0x04);
  return {
    name,
    witnessKey: formatWitnessKey({ name, publicKey }),
    async cosign(text, time) {
      const message = cosignatureMessage(text, time);
      const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, message));
      return formatSignatureLine({ name, keyHash, signature: encodeCosignature({ time, signature }) });
    },
  };
}
