import { parseCheckpointNote, verifyCheckpointNote } from "../core/checkpoint_note.ts";
import { equalBytes } from "../core/equal_bytes.ts";
import { PotError } from "../core/errors.ts";
import { type LogKey, mayVouchFor } from "../core/log_keys.ts";
import type { Anchor } from "./proof.ts";
import type { Check } from "./verdict.ts";

/** A key whose signature counts, for its sizes only. */
export type TrustedKey = Pick<LogKey, "verifierKey" | "from" | "to">;

/** Whose signature over a head counts. */
export interface NoteTrust {
  /** Those that the log's owner published. */
  readonly trusted?: readonly TrustedKey[];
  /** Without these: any that the proof itself names. */
  readonly named: readonly string[];
}

/** Whether the anchor's checkpoint is a note over its size and root, signed by a key that counts. */
export async function checkHeadNote(anchor: Anchor, { trusted, named }: NoteTrust): Promise<Check> {
  const check = (outcome: Check["outcome"], detail: string): Check => ({
    name: "checkpoint",
    outcome,
    detail,
  });
  const { size, root, checkpoint } = anchor;
  try {
    const note = parseCheckpointNote(checkpoint);
    if (note.size !== size || !equalBytes(note.root, root)) {
      return check("fail", "the signed checkpoint is over another size or root");
    }
    if (
      anchor.kind === "local" &&
      ![anchor.chainId, anchor.submitter].every((of) => of === `local:${note.origin}`)
    ) {
      return check("fail", "the ledger's line is of another log than the signed checkpoint");
    }
    const whose = trusted === undefined ? "a key that the proof itself names" : "the expected log key";
    const keys = trusted ?? [...new Set(named)].map((verifierKey) => ({ verifierKey, from: 0n }));
    let outside: TrustedKey | undefined;
    for (const key of keys) {
      if (!await verifyCheckpointNote(checkpoint, key.verifierKey)) continue;
      if (mayVouchFor(key, size)) {
        return check("pass", `${note.origin} signed size ${size} and this root, by ${whose}`);
      }
      outside = key;
    }
    if (outside !== undefined) {
      const sizes = `from ${outside.from}${outside.to === undefined ? " on" : ` to ${outside.to}`}`;
      return check(
        "fail",
        `the checkpoint over size ${size} is signed by a log key that is only good for sizes ${sizes}`,
      );
    }
    const anyone = trusted === undefined ? "any key the proof names" : whose;
    return check("fail", `the checkpoint is not signed by ${anyone}`);
  } catch (error) {
    if (!(error instanceof PotError)) throw error;
    return check("fail", error.message);
  }
}
