import assert from "node:assert/strict";
import { openAuditTrail } from "../../../lib/access/audit_trail.ts";
import { parseTrailHead } from "../../../lib/access/trail_head.ts";
import { hashTrailLine, parseTrailLine, type TrailLine } from "../../../lib/access/trail_line.ts";
import { generateNoteKey, importNoteSigner } from "../../../lib/core/note_key.ts";
import { createForgetfulDisk, type ForgetfulDisk } from "../../_fakes/forgetful_files.ts";

const HOME = "/home";
const LINES = 4;
const signer = await importNoteSigner((await generateNoteKey("pot/power")).signerKey);

/** Notes line after line until the power is cut; answers how many were told to be durable. */
async function noteUntilCut(disk: ForgetfulDisk): Promise<number> {
  const files = disk.mount();
  const trail = openAuditTrail(HOME, {
    files,
    clock: { now: () => 0 },
    signer: () => Promise.resolve(signer),
  });
  let told = 0;
  try {
    await files.makeFolder(HOME);
    for (; told < LINES; told++) {
      const principal = { name: "local", role: "admin" } as const;
      await trail.note({ principal, verb: "writes.pause", subject: `${told}`, outcome: "allowed" });
    }
  } catch {
    // Whatever was told by then has to be there.
  }
  return told;
}

function wholeLines(bytes: Uint8Array | undefined): readonly TrailLine[] {
  const text = new TextDecoder().decode(bytes ?? new Uint8Array());
  return text.slice(0, text.lastIndexOf("\n") + 1).split("\n").slice(0, -1).map((line) => {
    const parsed = parseTrailLine(JSON.parse(line));
    assert.ok(parsed !== undefined);
    return parsed;
  });
}

Deno.test("AuditTrail keeps each line that it told of, and a chain, wherever the power is cut", async () => {
  const whole = createForgetfulDisk();
  assert.equal(await noteUntilCut(whole), LINES);
  let cuts = 0;
  for (let call = 1; call <= whole.calls; call++) {
    for (const keep of ["nothing", { prefix: 1 }, { some: call }] as const) {
      const disk = createForgetfulDisk();
      disk.cutAtCall(call);
      const told = await noteUntilCut(disk);
      disk.cutPower(keep);
      const lines = wholeLines(disk.peek(`${HOME}/access.jsonl`));
      assert.ok(lines.length >= told, `call ${call}: ${lines.length} of ${told}`);
      let previous = "0".repeat(64);
      for (const [i, line] of lines.entries()) {
        assert.deepEqual([line.sequence, line.previous], [i + 1, previous]);
        previous = hashTrailLine(line);
      }
      // The head never says more than there is.
      const head = disk.peek(`${HOME}/access-head.json`);
      assert.ok(told === 0 || head !== undefined, `call ${call}: no head`);
      const sequence = head === undefined ? 0 : parseTrailHead(head)!.sequence;
      assert.ok(sequence <= lines.length, `call ${call}: head ${sequence}, ${lines.length} lines`);
      // And the next one goes on where it broke off.
      const files = disk.mount();
      await files.makeFolder(HOME);
      const trail = openAuditTrail(HOME, { files, clock: { now: () => 0 } });
      const principal = { name: "local", role: "admin" } as const;
      const next = await trail.note({ principal, verb: "writes.resume", subject: "", outcome: "allowed" });
      assert.equal(next, lines.length + 1);
      assert.equal(wholeLines(disk.peek(`${HOME}/access.jsonl`)).at(-1)!.previous, previous);
      cuts++;
    }
  }
  assert.ok(cuts > 100, `${cuts} cuts`);
});
