import assert from "node:assert/strict";
import { openAuditTrail } from "../../../lib/access/audit_trail.ts";
import { parseTrailHead, verifyTrailHead } from "../../../lib/access/trail_head.ts";
import { hashTrailLine, parseTrailLine, type TrailEntry } from "../../../lib/access/trail_line.ts";
import { canonicalJson } from "../../../lib/core/canonical_json.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { type AccessFixture, createAccess, verifierKey } from "../../_fakes/access_fixture.ts";

const ENTRY: TrailEntry = {
  principal: { name: "ci", role: "operator", tokenId: "0123abcd" },
  verb: "writes.pause",
  subject: "",
  outcome: "allowed",
};

/** Every line is canonical, numbered, and bound to the one before; the head is of the last one and signed. */
async function assertSound({ home, lines }: AccessFixture, count: number): Promise<void> {
  const texts = (await Deno.readTextFile(`${home}/access.jsonl`)).split("\n");
  assert.equal(texts.pop(), "");
  const all = await lines();
  assert.equal(all.length, count);
  let previous = "0".repeat(64);
  for (const [i, line] of all.entries()) {
    assert.equal(texts[i], canonicalJson(line));
    assert.deepEqual([line.sequence, line.previous], [i + 1, previous]);
    previous = hashTrailLine(line);
  }
  const head = parseTrailHead(await Deno.readFile(`${home}/access-head.json`))!;
  assert.deepEqual([head.sequence, head.hash], [count, previous]);
  assert.equal(await verifyTrailHead(head, [{ verifierKey }]), true);
  assert.equal(await verifyTrailHead({ ...head, sequence: count + 1 }, [{ verifierKey }]), false);
  assert.equal(await verifyTrailHead(head, []), false);
}

Deno.test("AuditTrail binds each line to the one before, and signs how far it reaches", async () => {
  await using access = await createAccess();
  assert.equal(await access.trail.note(ENTRY), 1);
  access.clock.advance(1_500);
  assert.equal(await access.trail.note({ ...ENTRY, subject: "why", outcome: "failed", attempt: 1 }), 2);
  await assertSound(access, 2);
  const { previous: _, ...second } = (await access.lines())[1]!;
  assert.deepEqual(second, {
    schema: "pot-access/1",
    sequence: 2,
    at: "2026-01-31T12:00:01.500Z",
    ...ENTRY,
    subject: "why",
    outcome: "failed",
    attempt: 1,
  });
  for (const name of ["access.jsonl", "access-head.json"]) {
    assert.equal((await Deno.stat(`${access.home}/${name}`)).mode! & 0o777, 0o600);
  }
});

Deno.test("AuditTrail keeps nothing where there is no home folder, and makes none", async () => {
  await using access = await createAccess();
  const home = `${access.home}/absent`;
  const trail = openAuditTrail(home, { files: denoFiles, clock: access.clock });
  assert.equal(await trail.note(ENTRY), undefined);
  await assert.rejects(Deno.stat(home), Deno.errors.NotFound);
});

Deno.test("AuditTrail cuts and cleans what is told of", async () => {
  await using access = await createAccess();
  await access.trail.note({ ...ENTRY, subject: `a\nb\u0000${"x".repeat(500)}\ud800` });
  const { subject } = (await access.lines())[0]!;
  assert.equal(subject.length, 200);
  assert.match(subject, /^a b x+…$/);
  await access.trail.note({ ...ENTRY, subject: `the token pot_0123abcd_${"5".repeat(72)}` });
  assert.equal((await access.lines())[1]!.subject, "the token pot_0123abcd_[secret]");
});

Deno.test("AuditTrail writes lines that can be read, however a library names its principals", async () => {
  await using access = await createAccess();
  const name = `${"n".repeat(100)}\n\ud800`;
  const entry = { ...ENTRY, principal: { name, role: "operator", tokenId: "service" } } as const;
  assert.equal(await access.trail.note(entry), 1);
  const [line] = await access.lines();
  assert.deepEqual(line!.principal, { name: `${"n".repeat(79)}…`, role: "operator" });
  assert.deepEqual(parseTrailLine(line), line);
  assert.equal(await access.trail.note(entry, { unlessRecent: true }), 1, "known again");
});

Deno.test("parseTrailLine() takes verbs that other versions have, and nothing that is no verb", async () => {
  await using access = await createAccess();
  await access.trail.note(ENTRY);
  const [line] = await access.lines();
  for (const verb of ["authenticate", "backup.tidy-up", "x.y"]) {
    assert.deepEqual(parseTrailLine({ ...line, verb })?.verb, verb);
  }
  for (const verb of ["", "pause", "Writes.pause", "writes.pause\n", 1]) {
    assert.equal(parseTrailLine({ ...line, verb }), undefined);
  }
});

Deno.test("AuditTrail takes lines of many at once, and each of them knows its own", async () => {
  await using access = await createAccess();
  const trails = [
    access.trail,
    ...Array.from(
      { length: 3 },
      () => openAuditTrail(access.home, { files: denoFiles, clock: access.clock }),
    ),
  ];
  const numbers = await Promise.all(
    trails.flatMap((trail) =>
      Array.from({ length: 25 }, (_, i) => trail.note({ ...ENTRY, subject: `${i}` }))
    ),
  );
  assert.deepEqual(numbers.toSorted((a, b) => a! - b!), Array.from({ length: 100 }, (_, i) => i + 1));
  await access.trail.note(ENTRY);
  await assertSound(access, 101);
});

Deno.test("AuditTrail stays one chain under several processes", async () => {
  await using access = await createAccess();
  const script = `
    import { openAuditTrail } from "${new URL("../../../lib/access/audit_trail.ts", import.meta.url)}";
    import { denoFiles } from "${new URL("../../../lib/io/deno_files.ts", import.meta.url)}";
    const trail = openAuditTrail(Deno.args[0], { files: denoFiles, clock: Date });
    const principal = { name: Deno.args[1], role: "admin" };
    for (let i = 0; i < 20; i++) await trail.note({ principal, verb: "writes.pause", subject: String(i), outcome: "allowed" });
  `;
  const path = `${access.home}/writer.ts`;
  await Deno.writeTextFile(path, script);
  const config = new URL("../../../deno.json", import.meta.url).pathname;
  await Promise.all(["a", "b", "c"].map(async (name) => {
    const args = ["run", "--no-lock", "--no-check", "-A", "--config", config, path, access.home, name];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  }));
  await access.trail.note(ENTRY);
  await assertSound(access, 61);
  for (const name of ["a", "b", "c"]) {
    const own = (await access.lines()).filter(({ principal }) => principal.name === name);
    assert.deepEqual(own.map(({ subject }) => subject), Array.from({ length: 20 }, (_, i) => `${i}`));
  }
});

Deno.test("AuditTrail cuts off the torn tail of a writer that died", async () => {
  await using access = await createAccess();
  for (let i = 0; i < 3; i++) await access.trail.note(ENTRY);
  const path = `${access.home}/access.jsonl`;
  for (const torn of ['{"at":"2026', "x".repeat(70_000)]) {
    const { sequence } = (await access.lines()).at(-1)!;
    await Deno.writeTextFile(path, torn, { append: true });
    assert.equal(await access.trail.note(ENTRY), sequence + 1);
    await assertSound(access, sequence + 1);
  }
});

Deno.test("AuditTrail goes on behind a damaged line, bound to its bytes", async () => {
  await using access = await createAccess();
  for (let i = 0; i < 3; i++) await access.trail.note(ENTRY);
  const path = `${access.home}/access.jsonl`;
  const damaged = "not a line of ours";
  await Deno.writeTextFile(path, `${damaged}\n`, { append: true });
  assert.equal(await access.trail.note(ENTRY), 5);
  const line = JSON.parse((await Deno.readTextFile(path)).trimEnd().split("\n").at(-1)!);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(damaged));
  assert.equal(line.previous, new Uint8Array(digest).toHex());
});

Deno.test("AuditTrail takes a frequent verb once an hour for each principal, over processes", async () => {
  await using access = await createAccess();
  const entry: TrailEntry = { ...ENTRY, verb: "record.append" };
  const note = (more: Partial<TrailEntry> = {}) =>
    openAuditTrail(access.home, { files: denoFiles, clock: access.clock })
      .note({ ...entry, ...more }, { unlessRecent: true });
  assert.equal(await note(), 1);
  assert.equal(await note(), 1);
  assert.equal(await note({ principal: { name: "other", role: "recorder" } }), 2);
  assert.equal(await note({ verb: "document.put" }), 3);
  access.clock.advance(59 * 60_000);
  assert.equal(await note(), 1);
  access.clock.advance(60_000);
  assert.equal(await note(), 4);
  assert.deepEqual(await Promise.all([note(), note()]), [4, 4]);
});

Deno.test("AuditTrail reads no more than the end of a long trail", async () => {
  await using access = await createAccess();
  await Promise.all(Array.from({ length: 3_000 }, () => access.trail.note(ENTRY)));
  let readBytes = 0;
  const files = {
    ...denoFiles,
    async open(path: string, options?: Parameters<typeof denoFiles.open>[1]) {
      const file = await denoFiles.open(path, options);
      return {
        ...file,
        async readAt(offset: number, lengthBytes: number) {
          const bytes = await file.readAt(offset, lengthBytes);
          readBytes += bytes.length;
          return bytes;
        },
      };
    },
  };
  const { size } = await Deno.stat(`${access.home}/access.jsonl`);
  assert.equal(await openAuditTrail(access.home, { files, clock: access.clock }).note(ENTRY), 3_001);
  // The end once for the line before it, once by whoever appends, who looks for a torn tail.
  assert.ok(size > 700_000 && readBytes < 1_200_000, `${readBytes} of ${size}`);
});
