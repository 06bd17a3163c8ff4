import { sha256 } from "@noble/hashes/sha2.js";
import { proofOfTrainingStandardJson } from "../../contracts/standard_json.ts";
import { canonicalJson } from "../core/canonical_json.ts";
import { toHex } from "../core/hex.ts";

/** SHA-256 of the compiler's settings as canonical JSON (RFC 8785), without `outputSelection`, which decides no byte of the code. */
export function compilerSettingsHash(): string {
  const { settings: { outputSelection: _, ...settings } } = JSON.parse(proofOfTrainingStandardJson);
  return toHex(sha256(new TextEncoder().encode(canonicalJson(settings))));
}
