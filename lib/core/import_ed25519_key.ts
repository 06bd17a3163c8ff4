import { toHex } from "./hex.ts";

/** Far more keys than one log and its witnesses have. */
const KEPT_KEYS = 64;
const imported = new Map<string, Promise<CryptoKey>>();

/**
 * A public Ed25519 key, 32 bytes, that verifies. Keys that were asked for lately are kept: in Deno 2.9 each import holds some 2 kB
 * until the process ends (60 000 imports: 110 MB), and an audit looks at a signature an anchor.
 *
 * Rejects for what is no key.
 */
export function importEd25519Key(publicKey: Uint8Array): Promise<CryptoKey> {
  const name = toHex(publicKey);
  const known = imported.get(name);
  if (known !== undefined) return known;
  const key = crypto.subtle.importKey("raw", new Uint8Array(publicKey), "Ed25519", false, ["verify"]);
  imported.set(name, key);
  key.catch(() => imported.delete(name));
  if (imported.size > KEPT_KEYS) imported.delete(imported.keys().next().value!);
  return key;
}
