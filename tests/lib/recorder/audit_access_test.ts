import assert from "node:assert/strict";
import { createFindingCollector } from "../../../lib/log/audit_findings.ts";
import { auditAccess } from "../../../lib/recorder/audit_access.ts";
import type { AuditedAnchor } from "../../../lib/recorder/audit_anchors.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { createAccess } from "../../_fakes/access_fixture.ts";

const HOUR_MS = 3_600_000;
const OPERATOR = { name: "op", role: "operator" } as const;

/** What the audit says of anchors that blocks took so long after the trail began. */
async function auditAnchoredAt(
  { home }: { readonly home: string },
  { beganMs, hours }: { readonly beganMs: number; readonly hours: readonly number[] },
) {
  const anchors = hours.map((hour, i): AuditedAnchor => ({
    size: BigInt(i + 1),
    root: new Uint8Array(32),
    where: `anchors.jsonl, line ${i + 1}`,
    chainId: "eip155:1",
    submitter: "0x1",
    state: "final",
    evm: { contract: "0xc0", codeHash: "0x1", blockTime: (beganMs + hour * HOUR_MS) / 1_000 },
  }));
  const findings = createFindingCollector();
  const notes: string[] = [];
  const context = { files: denoFiles, origin: "pot/access", findings, notes, unknown: [], keys: undefined };
  await auditAccess({ home, anchors }, context);
  const sizes = findings.list().flatMap(({ code, examples }) =>
    examples.map(({ detail }) => `${code} ${detail.split(",")[0]}`)
  );
  return { sizes, notes };
}

Deno.test("auditAccess() names an anchor that no line allows, unless it may have been sent before the first line", async () => {
  await using access = await createAccess();
  const beganMs = access.clock.now();
  const note = (verb: "anchor.send" | "writes.pause", subject: string) =>
    access.trail.note({ principal: OPERATOR, verb, subject, outcome: "allowed" });
  await note("writes.pause", "");
  await note("anchor.send", "size 3");
  // Sent by an earlier version, an anchor may wait for hours; a month later that is no excuse.
  const { sizes, notes } = await auditAnchoredAt(access, { beganMs, hours: [-700, 23, 30, 31] });
  assert.deepEqual(sizes, ["access-anchor-untold size 4"]);
  assert.deepEqual(notes, []);
});

Deno.test("auditAccess() only mentions what a rebuild brought, and names what was sent after it", async () => {
  await using access = await createAccess();
  const beganMs = access.clock.now();
  const note = (verb: "writes.pause" | "log.rebuild", outcome: "allowed" | "refused") =>
    access.trail.note({ principal: OPERATOR, verb, subject: "", outcome });
  await note("writes.pause", "allowed");
  access.clock.advance(100 * HOUR_MS);
  await note("log.rebuild", "refused");
  const before = await auditAnchoredAt(access, { beganMs, hours: [50] });
  assert.deepEqual(before.sizes, ["access-anchor-untold size 1"]);
  await note("log.rebuild", "allowed");
  const { sizes, notes } = await auditAnchoredAt(access, { beganMs, hours: [50, 60, 101] });
  assert.deepEqual(sizes, ["access-anchor-untold size 3"]);
  assert.deepEqual(notes, [
    "2 anchors that no line of the access trail allows came with pot log rebuild of 2026-02-04T16:00:00.000Z",
  ]);
});
