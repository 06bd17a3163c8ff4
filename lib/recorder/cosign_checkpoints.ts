import { parseCheckpointNote } from "../core/checkpoint_note.ts";
import { findCosignature } from "../core/cosignature.ts";
import { PotError, UsageError } from "../core/errors.ts";
import type { SignedHead } from "../core/log_head.ts";
import { redactUrl } from "../core/redact.ts";
import {
  askWitness,
  type AskWitnessOptions,
  type CosignedBy,
  type Witness,
  type WitnessAnswer,
  WitnessRefusedError,
} from "../log/ask_witness.ts";
import type { Log } from "../log/log.ts";
import type { AnchorStore } from "./anchor_store.ts";

/** Where checkpoints come from, and where their cosignatures go. */
export interface CosignSources {
  /** Whose checkpoints they are. */
  readonly log: Pick<Log, "checkpoint" | "consistencyPath" | "addSignatures">;
  /** Its anchored checkpoints, on which proofs rest. */
  readonly anchors: Pick<AnchorStore, "list" | "addSignatures">;
}

/** A checkpoint that a witness signed. */
export interface CosignedCheckpoint extends SignedHead {
  /** The checkpoint's text with the cosignatures alone. */
  readonly note: string;
  /** Which of the given keys signed. */
  readonly by: readonly CosignedBy[];
  /** It is published, or anchored, so what is proven from now on carries the cosignature. */
  readonly isKept: boolean;
}

/** An anchored checkpoint that a witness did not sign. */
export interface SkippedCheckpoint {
  /** Number of leaves that it covers. */
  readonly size: bigint;
  /** For people: why not. */
  readonly because: string;
}

/** What came of asking a witness. */
export interface CosignOutcome {
  /** Oldest first; the newest one is the log's. */
  readonly cosigned: readonly CosignedCheckpoint[];
  /** Oldest first. */
  readonly skipped: readonly SkippedCheckpoint[];
}

/** Others may ask the same witness meanwhile. */
const TRIES = 4;

/**
 * Has a witness sign the log's newest checkpoint, and before it each anchored one that it has not passed yet, as proofs rest on those.
 * The cosignatures are kept with the published checkpoint and with the anchors, once they were verified.
 *
 * @throws {UsageError} when the log is empty
 * @throws {PotError} when the witness does not sign the newest checkpoint, or knows a larger one of this log
 * @throws {UnreachableError} when it could not be asked; what it signed before is kept
 */
export async function cosignCheckpoints(
  { log, anchors }: CosignSources,
  witness: Witness,
  options: AskWitnessOptions = {},
): Promise<CosignOutcome> {
  const { signal } = options;
  const newest = await log.checkpoint(signal === undefined ? {} : { signal });
  if (newest === undefined) {
    throw new UsageError("Cannot get a checkpoint cosigned as the log is empty", {
      hint: "record something first: pot record checkpoint <path>",
    });
  }
  const { waiting, known } = await findWaiting(await anchors.list(), { newest, witness });
  let oldSize = known;
  const cosigned: CosignedCheckpoint[] = [];
  const skipped: SkippedCheckpoint[] = [];
  for (const head of [...waiting, newest]) {
    const asked = await ask(head, { log, witness, oldSize, options, isNewest: head === newest });
    oldSize = asked.oldSize;
    if ("because" in asked) {
      skipped.push({ size: head.size, because: asked.because });
      continue;
    }
    const { note, by } = asked;
    const published = await log.addSignatures(note);
    const anchored = await anchors.addSignatures(note);
    cosigned.push({ ...head, note, by, isKept: published !== undefined || anchored > 0 });
  }
  return { cosigned, skipped };
}

/** The anchored checkpoints below the newest that the witness has not signed, and the largest size that it is known to have signed. */
async function findWaiting(
  anchored: readonly SignedHead[],
  { newest, witness }: { readonly newest: SignedHead; readonly witness: Witness },
): Promise<{ readonly waiting: readonly SignedHead[]; readonly known: bigint }> {
  const byText = new Map<string, SignedHead>();
  for (const { size, root, note } of anchored) {
    byText.set(parseCheckpointNote(note).text, { size, root, note });
  }
  const newestText = parseCheckpointNote(newest.note).text;
  byText.delete(newestText);
  const waiting: SignedHead[] = [];
  let known = await isCosigned(newest.note, witness) ? newest.size : 0n;
  for (const head of byText.values()) {
    if (head.size > newest.size) continue;
    if (!await isCosigned(head.note, witness)) waiting.push(head);
    else if (head.size > known) known = head.size;
  }
  waiting.sort((a, b) => (a.size < b.size ? -1 : a.size > b.size ? 1 : 0));
  return { waiting: waiting.filter(({ size }) => size >= known), known };
}

async function isCosigned(note: string, { keys }: Witness): Promise<boolean> {
  const parsed = parseCheckpointNote(note);
  for (const key of keys) if ((await findCosignature(parsed, key)).outcome === "valid") return true;
  return false;
}

interface Asking {
  readonly log: CosignSources["log"];
  readonly witness: Witness;
  /** What the witness is believed to have signed last. */
  readonly oldSize: bigint;
  readonly options: AskWitnessOptions;
  readonly isNewest: boolean;
}

/** What the witness has signed last by now, and what it made of the checkpoint. */
type Asked =
  & { readonly oldSize: bigint }
  & (Omit<Extract<WitnessAnswer, { kind: "cosigned" }>, "kind"> | { readonly because: string });

async function ask(head: SignedHead, { log, witness, oldSize, options, isNewest }: Asking): Promise<Asked> {
  let from = oldSize;
  for (let tries = 0; tries < TRIES; tries++) {
    if (from > head.size) {
      if (isNewest) throw behind(head, { witness, from });
      return { oldSize: from, because: `the witness has signed size ${from} since` };
    }
    const path = from === 0n ? [] : await log.consistencyPath(from, head.size);
    let answer: WitnessAnswer;
    try {
      answer = await askWitness(witness, { oldSize: from, path, note: head.note }, options);
    } catch (error) {
      // An older one may be signed by a key that the witness does not take any more; that it was rewritten is never passed over.
      const isMinor = error instanceof WitnessRefusedError && error.status !== 422 && !isNewest;
      if (!isMinor) throw error;
      return { oldSize: from, because: error.message };
    }
    if (answer.kind === "cosigned") return { oldSize: head.size, note: answer.note, by: answer.by };
    if (answer.size === from) break;
    from = answer.size;
  }
  throw new PotError("Cannot get the checkpoint cosigned as the witness keeps asking for another old size", {
    facts: [`witness: ${redactUrl(witness.prefix)}`, `size: ${head.size}`, `last asked for: ${from}`],
    hint: "try again; if it stays so, tell the witness's operator",
  });
}

function behind(
  { size }: SignedHead,
  { witness, from }: { readonly witness: Witness; readonly from: bigint },
): PotError {
  return new PotError("Cannot get the checkpoint cosigned as the witness knows a larger one of this log", {
    facts: [`witness: ${redactUrl(witness.prefix)}`, `size it knows: ${from}`, `size here: ${size}`],
    hint:
      "the log was restored from an old backup, or another one signs with its key: find out before you go on",
  });
}
