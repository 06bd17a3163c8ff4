import { equalBytes } from "../core/equal_bytes.ts";
import { PotError, UsageError } from "../core/errors.ts";
import { toHex } from "../core/hex.ts";
import { isHash } from "../core/merkle/hash_pair.ts";
import { leafHash } from "../core/merkle/leaf_hash.ts";
import { openMultiproof } from "../core/merkle/multiproof.ts";
import type { TrainingRecord } from "../core/record.ts";
import type { BatchProof } from "./batch_proof.ts";
import { checkRun, type ReadBatchRecord, type RecordGist } from "./check_run.ts";
import { checkWitnesses } from "./check_witnesses.ts";
import { checkExpectedPlace, conclude } from "./conclude.ts";
import { readRecord } from "./read_record.ts";
import type { Check, Verdict } from "./verdict.ts";
import { askAboutAnchors, checkAnchors } from "./verify_anchors.ts";
import { requireOptions, trustedKeys, type VerifyOptions } from "./verify_proof.ts";

/** What to hold a batch against beside itself. */
export interface VerifyBatchOptions extends VerifyOptions {
  /** Of the record that `artifactDigest` must be of, 64 lowercase hex characters. @default any record of the batch */
  readonly id?: string;
}

/** The answer about a batch: that about its worst record, as it speaks for all of them. Each record has a best anchor of its own. */
export interface BatchVerdict extends Omit<Verdict, "best"> {
  /** In the order of the log. */
  readonly records: readonly RecordStanding[];
}

/** What became of one record of a batch. */
export interface RecordStanding extends Pick<Verdict, "answer" | "level" | "state" | "best"> {
  /** Its leaf hash, 64 lowercase hex characters. */
  readonly id: string;
  /** Position of its leaf in the log. */
  readonly index: bigint;
  /** As it says; absent where it says none, or cannot be read. */
  readonly step?: number | string;
}

/**
 * Climbs the ladder of `verifyProof` for all records of a batch at once: each record, that they are one run's without a gap, their way
 * to each anchor's root, and then the anchors. What is wrong with one record makes the batch invalid, and the check names it.
 *
 * A record is covered by every anchor of a larger size than its index, and the best of those gives its level and state.
 *
 * An invalid batch is a verdict, not an exception.
 *
 * @throws {UsageError} as `verifyProof` does, and when no record has the `id`.
 * @throws the signal's reason, when it aborts.
 */
export async function verifyBatchProof(
  batch: BatchProof,
  options: VerifyBatchOptions = {},
): Promise<BatchVerdict> {
  requireOptions(options);
  const { endpoints = [], quorum, signal, id } = options;
  const records = batch.records.map(({ index, bytes }): ReadBatchRecord => ({
    index,
    leaf: leafHash(bytes),
    record: gistOf(readRecord(bytes)),
  }));
  if (id !== undefined && !records.some(({ leaf }) => toHex(leaf) === id)) {
    throw new UsageError("Cannot verify the batch as it holds no record with this id", {
      facts: [`id: ${JSON.stringify(id.slice(0, 80))}`, `records: ${records.length}`],
      hint: "list them with: pot verify <batch> --json",
    });
  }
  const trusted = trustedKeys(options);
  const last = records.reduce((most, { index }) => index > most ? index : most, 0n);
  const checks = [
    ...checkRecords(records),
    ...checkArtifact(records, options),
    ...checkExpectedPlace(batch.anchors, options),
    // Whoever asks for witnesses asks for every record.
    ...await checkWitnesses(batch.anchors.filter(({ size }) => size > last), options),
    ...checkPaths(batch, records),
  ];
  const byItself = await checkAnchors(batch, trusted === undefined ? {} : { trusted });
  const isBroken = [...checks, ...byItself.checks].some(({ outcome }) => outcome === "fail");
  const findings = isBroken ? byItself : await askAboutAnchors(batch, byItself, {
    endpoints,
    ...(quorum === undefined ? {} : { quorum }),
    ...(signal === undefined ? {} : { signal }),
  });

  const expectations = { ...options, knowsLogKeys: trusted !== undefined };
  const concludeOver = (positions: readonly number[]): Verdict => {
    const standings = findings.standings.filter(({ anchor }) => positions.includes(anchor));
    const covering = { checks: findings.checks, standings };
    return conclude({ anchors: batch.anchors, checks, findings: covering }, expectations);
  };
  const whole = concludeOver([...batch.anchors.keys()]);
  // Few: as many as there are stretches between the anchors' sizes.
  const verdicts = new Map<string, Verdict>();
  const standings = records.map(({ index, leaf, record }): RecordStanding => {
    const covering = batch.anchors.flatMap(({ size }, position) => size > index ? [position] : []);
    const name = covering.join();
    const verdict = verdicts.get(name) ?? concludeOver(covering);
    verdicts.set(name, verdict);
    const { answer, level, state, best } = verdict;
    return {
      id: toHex(leaf),
      index,
      ...(record instanceof PotError || record.step === undefined ? {} : { step: record.step }),
      answer,
      level,
      state,
      ...(best === undefined ? {} : { best }),
    };
  });
  const worst = [whole, ...verdicts.values()].reduce((a, b) => isWorse(b, a) ? b : a);
  const uncovered = whole.ok ? standings.filter(({ answer }) => answer === "invalid") : [];
  const { best: _best, ...answer } = worst;
  return {
    ...answer,
    checks: [
      ...whole.checks,
      ...uncovered.slice(0, 1).map((first) => uncoveredFrom(first, uncovered.length)),
    ],
    anchors: whole.anchors,
    records: standings,
  };
}

/** The whole stands by an anchor that those records are behind. */
function uncoveredFrom({ index }: RecordStanding, count: number): Check {
  const detail = `no anchor that counts covers record ${index}${count === 1 ? "" : ` and ${count - 1} more`}`;
  return { name: "anchor", outcome: "fail", detail };
}

const ANSWERS: readonly Verdict["answer"][] = ["invalid", "unknown", "pending", "valid"];
const LEVELS: readonly Verdict["level"][] = ["none", "L0", "L1", "L2"];
const STATES: readonly Verdict["state"][] = ["pending", "local", "anchored", "confirmed", "final"];

function isWorse(one: Verdict, other: Verdict): boolean {
  const ranks = ({ answer, level, state }: Verdict) => [
    ANSWERS.indexOf(answer),
    LEVELS.indexOf(level),
    STATES.indexOf(state),
  ];
  const [mine, theirs] = [ranks(one), ranks(other)];
  const at = mine.findIndex((rank, i) => rank !== theirs[i]);
  return at >= 0 && mine[at]! < theirs[at]!;
}

function gistOf(record: TrainingRecord | PotError): RecordGist | PotError {
  if (record instanceof PotError) return record;
  const { runId, previous, step, artifact } = record;
  return {
    runId,
    ...(previous === undefined ? {} : { previous }),
    ...(step === undefined ? {} : { step }),
    ...(artifact === undefined ? {} : { digest: artifact.digest }),
  };
}

/** Most records that one check names. */
const MOST_NAMED = 5;

function checkRecords(records: readonly ReadBatchRecord[]): readonly Check[] {
  const name = "record";
  if (records.length === 0) return [{ name, outcome: "fail", detail: "the batch holds no record" }];
  const broken = records.filter(({ record }) => record instanceof PotError);
  if (broken.length > 0) {
    const named = broken.slice(0, MOST_NAMED)
      .map(({ index, record }): Check => ({
        name,
        outcome: "fail",
        detail: `record ${index}: ${(record as PotError).message}`,
      }));
    const rest = broken.length - named.length;
    return rest === 0
      ? named
      : [...named, { name, outcome: "fail", detail: `and ${rest} more records that are none` }];
  }
  const detail = `each of the ${records.length} records is well-formed pot-record/1`;
  return [{ name, outcome: "pass", detail }, ...checkRun(records)];
}

function checkArtifact(
  records: readonly ReadBatchRecord[],
  { artifactDigest, id }: VerifyBatchOptions,
): readonly Check[] {
  if (artifactDigest === undefined) return [];
  const asked = id === undefined ? records : records.filter(({ leaf }) => toHex(leaf) === id);
  const found = asked.filter(({ record }) =>
    !(record instanceof PotError) && record.digest === artifactDigest
  );
  const whose = found.slice(0, MOST_NAMED).map(({ index }) => index).join(", ");
  const detail = found.length > 0
    ? `the artifact's SHA-256 is ${artifactDigest}, as record ${whose}${
      found.length > MOST_NAMED ? " and others have" : " has"
    } it`
    : `the artifact's SHA-256 is ${artifactDigest}, which ${
      id === undefined ? "no record of the batch has" : `is not that of record ${asked[0]!.index}`
    }`;
  return [{ name: "artifact", outcome: found.length > 0 ? "pass" : "fail", detail }];
}

/** Whether the records and the shared nodes lead to each anchor's root, with no node too few or too many. */
function checkPaths(
  { anchors, nodes }: BatchProof,
  records: readonly ReadBatchRecord[],
): readonly Check[] {
  const broken = describeMisuse({ anchors, nodes }, records);
  if (broken !== undefined) return [{ name: "inclusion", outcome: "fail", detail: broken }];
  const leaves = records.map(({ index, leaf }) => ({ index, hash: leaf }));
  const multiproof = openMultiproof(leaves, nodes);
  const checks: Check[] = [];
  for (const [position, { size, root }] of anchors.entries()) {
    const found = multiproof.rootOver(size);
    const covered = records.filter(({ index }) => index < size).length;
    const isInTree = found !== undefined && equalBytes(found, root);
    const detail = isInTree
      ? `${covered} of ${records.length} records are in the tree of ${size} leaves`
      : `the records and nodes do not lead to the root over ${size} leaves`;
    checks.push({ name: "inclusion", outcome: isInTree ? "pass" : "fail", detail, anchor: position });
    // What comes after it depends on where in the nodes it ended.
    if (!isInTree) return checks;
  }
  const unused = multiproof.unusedCount();
  if (unused === 0) return checks;
  return [...checks, {
    name: "inclusion",
    outcome: "fail",
    detail: `${unused} ${unused === 1 ? "node leads" : "nodes lead"} nowhere`,
  }];
}

/** What keeps the records from leading anywhere: a batch that was not read from a file may be anything. */
function describeMisuse(
  { anchors, nodes }: Pick<BatchProof, "anchors" | "nodes">,
  records: readonly ReadBatchRecord[],
): string | undefined {
  if (records.length === 0) return "no record leads anywhere";
  if (anchors.length === 0) {
    return "the batch holds no anchor and no checkpoint, so it binds the records to nothing";
  }
  const unordered = records.find(({ index }, i) => i > 0 && index <= records[i - 1]!.index);
  if (unordered !== undefined) return `record ${unordered.index} is not behind the one before it`;
  if (anchors.some(({ size }, i) => i > 0 && size < anchors[i - 1]!.size)) {
    return "the anchors are not in the order of their sizes";
  }
  if (anchors[0]!.size <= records[0]!.index) return "an anchor covers none of the records";
  const last = records.at(-1)!.index;
  if (anchors.at(-1)!.size <= last) return `no anchor covers record ${last}`;
  if (!nodes.every(isHash)) return "a node is not 32 bytes";
  return undefined;
}
