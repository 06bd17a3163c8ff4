import type { WriteIntent } from "../chain/sending_options.ts";
import { PotError } from "../core/errors.ts";
import { denoFiles } from "../io/deno_files.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { type KeyRotation, type KeyRotations, readKeyRotations } from "./key_rotation_file.ts";

/** Thrown where a key that was replaced, or is being replaced, would sign. */
export class KeyNotInForceError extends PotError {
  /** Tells it from other errors. */
  override readonly name: string = "KeyNotInForceError";
}

/** What the guard looks at. */
export interface RotationGuardOptions {
  /** @default the real disk */
  readonly files?: FileLayer;
  /** `startedAt` of the rotation that asks: it may do what others may not. @default none */
  readonly rotation?: string;
}

/**
 * Asks, each time before an account signs, whether it still may: a retired key may not, one that is being replaced may only help
 * along what it has signed, and its successor waits for its turn. Holds for every process of the home at once.
 */
export function createRotationGuard(
  home: string,
  { files = denoFiles, rotation }: RotationGuardOptions = {},
): (account: `0x${string}`, intent: WriteIntent) => Promise<void> {
  return async (account, { action, isNew }) => {
    const rotations = await readKeyRotations(home, files);
    const { current } = rotations;
    // It has the order of its steps to keep, and nobody else's.
    if (current !== undefined && current.startedAt === rotation) return;
    requireInForce(account, { rotations, action });
    if (current === undefined || current.switchedAt !== undefined) return;
    const isOld = isSame(account, current.from.address);
    const isNext = isSame(account, current.to.address);
    if ((isOld && isNew) || isNext) throw underWay(action, current, isOld);
  };
}

/**
 * Refuses a key that was retired.
 *
 * @throws {KeyNotInForceError} naming the key that took its place
 */
export async function requireKeyInForce(
  home: string,
  account: string,
  { files = denoFiles, action = "sign" }: {
    readonly files?: FileLayer;
    /** Completes "Cannot …". @default "sign" */
    readonly action?: string;
  } = {},
): Promise<void> {
  requireInForce(account, { rotations: await readKeyRotations(home, files), action });
}

function requireInForce(
  account: string,
  { rotations: { retired }, action }: { readonly rotations: KeyRotations; readonly action: string },
): void {
  const found = retired.findLast(({ address }) => isSame(address, account));
  if (found === undefined) return;
  const { successor, retiredAt } = found;
  throw new KeyNotInForceError(`Cannot ${action} as this signing key was retired`, {
    facts: [
      `account: ${found.address}`,
      `retired: ${retiredAt}`,
      `in its place: ${successor.address} (${successor.source})`,
    ],
    hint: "set POT_KEY_SOURCE (keySource in pot.jsonc) to the key in its place; " +
      "to take this one back, rotate to it: pot keys rotate --to <its source> --reinstate",
    exitCode: 2,
  });
}

function underWay(action: string, { from, to, startedAt }: KeyRotation, isOld: boolean): KeyNotInForceError {
  return new KeyNotInForceError(
    `Cannot ${action} as the signing key is being ${isOld ? "replaced" : "put in place of another"}`,
    {
      facts: [`from: ${from.address}`, `to: ${to.address}`, `since: ${startedAt}`],
      hint:
        "records are kept and stay pending; finish it with: pot keys rotate; or end it with: pot keys rotate --abort",
    },
  );
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
