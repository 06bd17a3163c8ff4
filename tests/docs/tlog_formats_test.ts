import assert from "node:assert/strict";
import { canonicalJson } from "../../lib/core/canonical_json.ts";
import { parseCheckpointNote } from "../../lib/core/checkpoint_note.ts";
import { cosignatureMessage } from "../../lib/core/cosignature.ts";
import type { CosignedCheckpoint, CosignOutcome } from "../../lib/recorder/cosign_checkpoints.ts";
import type { ServedLogReport } from "../../lib/log/served_log_report.ts";
import { parseProof } from "../../lib/verify/parse_proof.ts";
import { formatTlogProof, parseTlogProof, verifyTlogProof } from "../../lib/verify/tlog_proof.ts";
import { tlogProofOf } from "../../lib/verify/tlog_proof_of.ts";
import { code, fieldsOf, section } from "../_fakes/formats_page.ts";

Deno.test("docs/formats.md shows the tlog-proof of its own proof", async () => {
  const record = new TextEncoder().encode(canonicalJson(JSON.parse(code("### Record example"))));
  const text = code("### Proof example").replace(
    '"record": "…"',
    `"record": ${JSON.stringify(record.toBase64())}`,
  );
  const proof = parseProof(text);
  const shown = code("## Tlog-proof");
  assert.equal(formatTlogProof(tlogProofOf(proof)), shown);
  assert.equal(
    await verifyTlogProof(parseTlogProof(shown), { entry: record, logKey: proof.logKeys[0]! }),
    true,
  );
});

Deno.test("docs/formats.md shows what a witness signs of its own checkpoint", () => {
  const { text } = parseCheckpointNote(code("## Checkpoint"));
  const message = cosignatureMessage(text, 1_790_000_000n);
  assert.equal(code("### Cosignature"), new TextDecoder().decode(message));
});

Deno.test("docs/formats.md names every field of the answers about a published log", () => {
  const fields = [
    "target",
    "isSample",
    ...fieldsOf<ServedLogReport>({
      origin: true,
      size: true,
      root: true,
      signedBy: true,
      isComplete: true,
      entryCount: true,
      fileCount: true,
      problems: true,
      problemCount: true,
      warnings: true,
      unreachable: true,
    }),
    "witness",
    ...fieldsOf<CosignOutcome>({ cosigned: true, skipped: true }),
    ...fieldsOf<Omit<CosignedCheckpoint, "note">>({ size: true, root: true, by: true, isKept: true }),
    "cosignatures",
  ];
  const text = section("## Answers about a published log");
  for (const field of fields) assert.ok(text.includes(`\`${field}\``), field);
});
