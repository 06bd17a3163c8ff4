import type { BatchProof } from "../lib/verify/batch_proof.ts";
import type { VerifyOptions as VerificationOptions } from "../lib/verify/verify_proof.ts";
import { verdictExitCode } from "../lib/verify/verdict.ts";
import { type RecordStanding, verifyBatchProof } from "../lib/verify/verify_batch_proof.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";
import { verdictLines } from "./verdict_lines.ts";

/** What to verify, and against what. */
export interface BatchToVerify {
  /** Absolute path. */
  readonly file: string;
  readonly batch: BatchProof;
  readonly verification: VerificationOptions;
}

/** `pot verify` of a batch: one answer for all its records. */
export async function verifyBatch(
  context: CliContext,
  options: GlobalOptions & { readonly id?: string },
  { file, batch, verification }: BatchToVerify,
): Promise<void> {
  const { id } = options;
  const verdict = await verifyBatchProof(batch, id === undefined ? verification : { ...verification, id });
  context.exitWith(verdictExitCode(verdict));
  const [answer, ...ladder] = verdictLines(verdict, { about: undefined, index: 0n, anchors: batch.anchors });
  report(context, options, {
    json: { file, ...verdict },
    lines: [answer!, ...tallyLines(verdict.records), ...ladder],
  });
}

/** How many records there are of each sort, where the batch's answer, which is that about its worst, is not that about all. */
function tallyLines(records: readonly RecordStanding[]): readonly string[] {
  const total = `${records.length} ${records.length === 1 ? "record" : "records"}`;
  const sorts = Map.groupBy(
    records,
    ({ answer, level, state }) => answer === "invalid" ? answer : `${level}, ${state}`,
  );
  if (sorts.size <= 1) return [total];
  return [
    total,
    ...[...sorts].map(([sort, some]) => `  ${sort}: ${some.length}, the first of them ${some[0]!.index}`),
  ];
}
