import { join } from "node:path";
import { PotError } from "../core/errors.ts";
import { writeFileAtomically } from "../io/atomic_write.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { readBounded } from "../io/read_bounded.ts";

/** In the home folder: which signing key is being replaced, and which ones were. Holds no secret. */
export const ROTATION_FILE = "rotation.json";

/** A signing key, as far as everybody may know it. */
export interface PublicKeyFacts {
  /** EIP-55. */
  readonly address: `0x${string}`;
  /** Where the key is, such as `keystore:signer.json`. */
  readonly source: string;
}

/** One step of a rotation. */
export type RotationStep = "drain" | "anchor" | "offer" | "switch" | "sweep" | "accept";

/** What is left to do, in this order; `offer`, `sweep` and `accept` where they were asked for. */
export const ROTATION_STEPS: readonly RotationStep[] = [
  "drain",
  "anchor",
  "offer",
  "switch",
  "sweep",
  "accept",
];

/** A rotation under way. The old key signs nothing new from its start on, the new one nothing before the switch. */
export interface KeyRotation {
  readonly from: PublicKeyFacts;
  readonly to: PublicKeyFacts;
  /** EIP-155. */
  readonly chainId: number;
  /** The contract to hand over; absent where that was not asked for. */
  readonly contract?: `0x${string}`;
  /** The balance follows the keys. */
  readonly isSweeping: boolean;
  /** What is pending is anchored by the old key. */
  readonly isAnchoring: boolean;
  /** RFC 3339, UTC; names the rotation. */
  readonly startedAt: string;
  /** When the new key came into force. */
  readonly switchedAt?: string;
  /** The next thing to do. */
  readonly step: RotationStep;
}

/** A key that signs here no more. */
export interface RetiredKey extends PublicKeyFacts {
  /** RFC 3339, UTC. */
  readonly retiredAt: string;
  /** What took its place. */
  readonly successor: PublicKeyFacts;
}

/** What `rotation.json` says. */
export interface KeyRotations {
  readonly current?: KeyRotation;
  /** Oldest first. */
  readonly retired: readonly RetiredKey[];
}

const SCHEMA = "pot-key-rotation/1";
const MAX_BYTES = 1024 * 1024;

/**
 * The rotations of a home; none where there is no such file.
 *
 * @throws {PotError} when the file cannot be understood: then nobody may sign, as nobody knows which key is in force
 */
export async function readKeyRotations(home: string, files: FileLayer): Promise<KeyRotations> {
  const path = join(home, ROTATION_FILE);
  const bytes = await readBounded(files, path, MAX_BYTES);
  if (bytes === undefined) return { retired: [] };
  const rotations = parse(new TextDecoder().decode(bytes));
  if (rotations !== undefined) return rotations;
  throw new PotError("Cannot tell which signing key is in force as the record of rotations is damaged", {
    facts: [`file: ${path}`],
    hint: "restore it from a backup: a key that was retired must not sign again",
  });
}

/** Replaces it; durable when it resolves. Only for whoever holds {@linkcode lockKeyRotation}. */
export async function writeKeyRotations(
  home: string,
  rotations: KeyRotations,
  files: FileLayer,
): Promise<void> {
  await files.makeFolder(home);
  const text = `${JSON.stringify({ schema: SCHEMA, ...rotations }, null, 2)}\n`;
  // A source can be a URL that not everybody needs to know.
  await writeFileAtomically(files, join(home, ROTATION_FILE), new TextEncoder().encode(text), {
    mode: 0o600,
  });
}

/**
 * Held by the one rotation of a home for as long as it works.
 *
 * @throws {LockHeldError} while another one does
 */
export async function lockKeyRotation(home: string, files: FileLayer) {
  await files.makeFolder(home);
  return await files.lock(join(home, `${ROTATION_FILE}.lock`), { failIfHeld: true });
}

function parse(text: string): KeyRotations | undefined {
  try {
    const { schema, current, retired } = JSON.parse(text);
    const isRead = schema === SCHEMA && Array.isArray(retired) && retired.every(isRetired) &&
      (current === undefined || isRotation(current));
    return isRead ? { retired, ...(current === undefined ? {} : { current }) } : undefined;
  } catch {
    // Whatever broke it: the caller says which file.
    return undefined;
  }
}

function isRetired(value: RetiredKey): boolean {
  return isKey(value) && isTime(value.retiredAt) && isKey(value.successor);
}

function isRotation(value: KeyRotation): boolean {
  const { from, to, chainId, contract, isSweeping, isAnchoring, startedAt, switchedAt, step } = value;
  return isKey(from) && isKey(to) && Number.isSafeInteger(chainId) && isTime(startedAt) &&
    (contract === undefined || isAddress(contract)) && (switchedAt === undefined || isTime(switchedAt)) &&
    typeof isSweeping === "boolean" && typeof isAnchoring === "boolean" && ROTATION_STEPS.includes(step);
}

function isKey({ address, source }: PublicKeyFacts): boolean {
  return isAddress(address) && typeof source === "string";
}

function isAddress(text: unknown): boolean {
  return typeof text === "string" && /^0x[0-9a-fA-F]{40}$/.test(text);
}

function isTime(text: unknown): boolean {
  return typeof text === "string" && !Number.isNaN(Date.parse(text));
}
