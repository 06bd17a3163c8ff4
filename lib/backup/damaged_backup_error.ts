import { PotError } from "../core/errors.ts";

/** Thrown where a backup is not what was written: it is refused as a whole. */
export class DamagedBackupError extends PotError {
  /** Tells it from other errors in printed text. */
  override readonly name: string = "DamagedBackupError";

  /** `found` says in a few words what is wrong, without secrets. */
  constructor(found: string, { backup, cause }: { readonly backup?: string; readonly cause?: unknown } = {}) {
    super("Cannot use the backup as it is damaged", {
      facts: [...(backup === undefined ? [] : [`backup: ${backup}`]), `found: ${found}`],
      hint: "use another one: pot backup list, or the same one from another target",
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
