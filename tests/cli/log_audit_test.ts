import assert from "node:assert/strict";
import { AUDIT_CODES } from "../../lib/log/audit_codes.ts";
import { createCli } from "../_fakes/cli_harness.ts";

async function recorded() {
  const cli = await createCli();
  assert.equal((await cli.run("init", "--local")).code, 0);
  await cli.write("shards/a.bin", "abc");
  assert.equal((await cli.run("record", "checkpoint", "shards", "--run", "r", "--step", "1")).code, 0);
  assert.equal((await cli.run("anchor")).code, 0);
  assert.equal(
    (await cli.run("record", "validation", "--run", "r", "--step", "2", "--metric", "loss=0.5")).code,
    0,
  );
  return cli;
}

Deno.test("pot log audit exits with 0 for a sound home, and says what it looked at", async () => {
  await using cli = await recorded();
  const { code, out, err } = await cli.run("log", "audit");
  assert.deepEqual([code, err], [0, ""]);
  assert.match(
    out,
    new RegExp(
      [
        "^audited pot/[0-9a-f]{16}: 2 records, root [0-9a-f]{64}",
        "  ok    entries        2 records",
        "  ok    write-ahead    every frame",
        "  ok    tiles          2 tiles and bundles",
        "  ok    index          both ways",
        "  ok    checkpoints    1 note, 1 key",
        "  ok    anchors        1 anchor, 0 consistency proofs",
        "  ok    ledger         1 line",
        "  -     stored hashes  there is none",
        "  ok    manifests      1 document",
        "  ok    access trail   5 lines",
        "  -     contract       not asked",
        "clean: everything agrees\n$",
      ].join("\n"),
    ),
  );
  const { json } = await cli.run("log", "audit", "--offline", "--json");
  assert.deepEqual([json.outcome, json.size, json.findings, json.unknown], ["clean", 2, [], []]);
});

Deno.test("pot log audit exits with 1 for a mismatch, and says what it means and what to do", async () => {
  await using cli = await recorded();
  await Deno.remove(cli.path(".pot", "manifests"), { recursive: true });
  const { code, out } = await cli.run("log", "audit");
  assert.equal(code, 1);
  assert.match(out, /^ {2}FAIL {2}manifests {6}there is none$/m);
  assert.match(
    out,
    /^manifest-missing \(1\)\n {2}manifests\/[0-9a-f]{64}\.json: the record at leaf 0 names it\n {2}means: .*\n {2}→ restore manifests\//m,
  );
  assert.match(out, /MISMATCH: see above, and keep everything as it is until it is understood\n$/);
  const { json } = await cli.run("log", "audit", "--json");
  assert.deepEqual([json.outcome, json.findings[0].code, json.findings[0].count], [
    "mismatch",
    "manifest-missing",
    1,
  ]);
});

Deno.test("pot log audit exits with 4 where the chain does not answer", async () => {
  await using cli = await recorded();
  const env = {
    POT_CHAIN: "evm",
    RPC_URL: "http://127.0.0.1:1",
    CHAIN_ID: "31337",
    CONTRACT_ADDRESS: `0x${"11".repeat(20)}`,
  };
  const { code, out } = await cli.runWith(env, "log", "audit");
  assert.equal(code, 4);
  assert.match(
    out,
    /^could not tell: what the contract holds: Cannot read from the chain as no RPC endpoint gave an answer$/m,
  );
  assert.equal((await cli.runWith(env, "log", "audit", "--offline")).code, 0);
});

Deno.test("pot log audit holds notes against the keys that were published, not those that lie here", async () => {
  await using cli = await recorded();
  const published = (await cli.run("log", "keys", "--json")).out;
  await cli.write("published.json", published);
  assert.equal((await cli.run("log", "audit", "--log-keys", "published.json")).code, 0);
  const { generateNoteKey } = await import("../../lib/core/note_key.ts");
  const { origin } = JSON.parse(published);
  const { verifierKey } = await generateNoteKey(origin);
  await cli.write(
    "other.json",
    JSON.stringify({ ...JSON.parse(published), keys: [{ verifierKey, from: "0" }] }),
  );
  const { code, out } = await cli.run("log", "audit", "--log-keys", "other.json");
  assert.equal(code, 1);
  assert.match(out, /^note-forged \(3\)$/m);
});

Deno.test("pot log audit refuses wrong usage with 2", async () => {
  await using cli = await recorded();
  for (
    const args of [
      ["--offline", "--rpc", "http://127.0.0.1:1"],
      ["--offline", "--block", "1"],
      ["--rpc", "http://example.org"],
      ["--block", "latest"],
      ["--log-keys", "nothing.json"],
    ]
  ) {
    const { code, out, err } = await cli.run("log", "audit", ...args);
    assert.deepEqual([code, out], [2, ""], args.join(" "));
    assert.match(err, /^error: Cannot audit the log as /);
  }
  await using empty = await createCli();
  const { code, err } = await empty.run("log", "audit");
  assert.equal(code, 2);
  assert.match(
    err,
    /Cannot audit the log as there is none here yet\n {2}home: .*\n {2}→ make one with: pot init/,
  );
});

Deno.test("docs/operations.md says what each finding means", async () => {
  const doc = await Deno.readTextFile(new URL("../../docs/operations.md", import.meta.url));
  const rows = doc.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  for (const [code, { area, meaning }] of Object.entries(AUDIT_CODES)) {
    assert.ok(rows.some((row) => row[1] === `\`${code}\`` && row[2] === area && row[3] === meaning), code);
  }
});
