import { parseCheckpointNote } from "../core/checkpoint_note.ts";
import { findCosignature } from "../core/cosignature.ts";
import { UsageError } from "../core/errors.ts";
import { parseWitnessKey, type VerifierKey } from "../core/note_key.ts";
import { toHex } from "../core/hex.ts";
import type { AnchorHead } from "./proof.ts";
import type { Check } from "./verdict.ts";

/** Which witnesses must have seen a checkpoint. */
export interface WitnessPolicy {
  /** Verifier keys of the witnesses that count, such as `witness.example/w1+…+B…`. */
  readonly keys: readonly string[];
  /** How many of them must have signed one and the same checkpoint. @default all */
  readonly threshold?: number;
}

/**
 * Whether enough witnesses cosigned a checkpoint that the proof rests on (C2SP tlog-cosignature): then its owner did not show that log to
 * one reader and another log to the rest. One of several anchors is enough; what claims to be by a known witness and is not
 * fails the check wherever it stands. Nothing is checked where no witnesses are asked for.
 *
 * @param anchors those that cover what is being proven
 * @throws {UsageError} when a key is malformed or given twice, or the threshold is not from 1 to their number
 */
export async function checkWitnesses(
  anchors: readonly Pick<AnchorHead, "size" | "checkpoint">[],
  { witnesses }: { readonly witnesses?: WitnessPolicy },
): Promise<readonly Check[]> {
  return witnesses === undefined ? [] : [await checkPolicy(anchors, witnesses)];
}

async function checkPolicy(
  anchors: readonly Pick<AnchorHead, "size" | "checkpoint">[],
  policy: WitnessPolicy,
): Promise<Check> {
  const name = "witnesses";
  const { keys, threshold } = parseWitnessPolicy(policy);
  let best = { size: 0n, seen: [] as readonly string[] };
  for (const { size, checkpoint } of anchors) {
    const seen = await witnessesOf(checkpoint, keys);
    if (typeof seen === "string") {
      const detail =
        `the checkpoint over size ${size} has a cosignature that is not by ${seen}, as it claims`;
      return { name, outcome: "fail", detail };
    }
    if (seen.length > best.seen.length) best = { size, seen };
  }
  const asked = `${threshold} of ${keys.length} witness${keys.length === 1 ? "" : "es"}`;
  if (best.seen.length >= threshold) {
    const detail = `the checkpoint over size ${best.size} is cosigned by ${
      best.seen.join(", ")
    }; asked for: ${asked}`;
    return { name, outcome: "pass", detail };
  }
  const found = best.seen.length === 0 ? "none" : best.seen.join(", ");
  return {
    name,
    outcome: "fail",
    detail: `no checkpoint is cosigned by ${asked}; the most on one: ${found}`,
  };
}

/**
 * The policy with its keys parsed.
 *
 * @throws {UsageError} as {@linkcode checkWitnesses} does
 */
export function parseWitnessPolicy(
  { keys, threshold = keys.length }: WitnessPolicy,
): { readonly keys: readonly VerifierKey[]; readonly threshold: number } {
  const parsed = keys.map(parseWitnessKey);
  // An Ed25519 cosignature does not say its signer's name, so a key under two names would count twice.
  if (new Set(parsed.map(({ publicKey }) => toHex(publicKey))).size < parsed.length) {
    throw new UsageError("Cannot ask for witnesses as a key is given twice", {
      hint: "give each witness's key once",
    });
  }
  if (Number.isInteger(threshold) && threshold >= 1 && threshold <= parsed.length) {
    return { keys: parsed, threshold };
  }
  throw new UsageError(
    "Cannot ask for witnesses as the threshold is not from 1 to the number of their keys",
    {
      facts: [`threshold: ${threshold}`, `keys: ${parsed.length}`],
      hint: "give a key for each witness that counts: --witness-key <key>, as often as needed",
    },
  );
}

/** Who of them signed a note, or the name of one whose signature does not verify. */
async function witnessesOf(
  checkpoint: string,
  keys: readonly VerifierKey[],
): Promise<readonly string[] | string> {
  let note;
  try {
    note = parseCheckpointNote(checkpoint);
  } catch {
    // Another check says so.
    return [];
  }
  const seen: string[] = [];
  for (const key of keys) {
    const found = await findCosignature(note, key);
    if (found.outcome === "invalid") return key.name;
    if (found.outcome === "absent") continue;
    const time = Number(found.cosignature.time) * 1_000;
    const at = time <= 8.64e15
      ? new Date(time).toISOString().replace(".000Z", "Z")
      : `${found.cosignature.time} s`;
    seen.push(`${key.name} at ${at}`);
  }
  return seen;
}
