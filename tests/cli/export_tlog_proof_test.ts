import assert from "node:assert/strict";
import { parseCheckpointNote } from "../../lib/core/checkpoint_note.ts";
import { parseProof } from "../../lib/verify/parse_proof.ts";
import { parseTlogProof, verifyTlogProof } from "../../lib/verify/tlog_proof.ts";
import { createInstalledCli } from "../_fakes/installed_cli.ts";
import { refuses } from "../_fakes/refuses.ts";

Deno.test("pot export tlog-proof writes a proof that holds by itself", async () => {
  await using cli = await createInstalledCli();
  const { code, out, err } = await cli.run("export", "tlog-proof", "p.json");
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^c2sp\.org\/tlog-proof@v1\nindex 0\n\npot\/[^\n]+\n1\n/);
  const proof = parseProof(await Deno.readTextFile(cli.path("p.json")));
  const options = { entry: proof.record, logKey: proof.logKeys[0]! };
  assert.equal(await verifyTlogProof(parseTlogProof(out), options), true);
  assert.equal(parseTlogProof(out).extra, undefined);

  const written = await cli.run(
    "export",
    "tlog-proof",
    "p.json",
    "-o",
    "p.tlog-proof",
    "--with-record",
    "--json",
  );
  const signers = [parseCheckpointNote(proof.anchors[0]!.checkpoint).origin];
  assert.deepEqual(written.json, { file: cli.path("p.tlog-proof"), index: "0", size: "1", signers });
  const { json } = await cli.run("export", "tlog-proof", "p.json", "--json");
  assert.deepEqual(json, { index: "0", size: "1", signers, tlogProof: out });
  const read = parseTlogProof(await Deno.readTextFile(cli.path("p.tlog-proof")));
  assert.deepEqual(read.extra, proof.record);
  assert.equal(await verifyTlogProof(read, { ...options, entry: read.extra! }), true);
  const shown = await cli.run("export", "tlog-proof", "p.json", "--size", "1", "-o", "q.tlog-proof");
  assert.match(shown.out, /^wrote q\.tlog-proof\n {2}record {4}0 of 1\n {2}signed {4}by pot\/\w+\n$/);
});

Deno.test("pot export tlog-proof refuses what it cannot export", async () => {
  await using cli = await createInstalledCli();
  await cli.write("bad.json", "{}");
  const refused = (args: readonly string[], code: number, message: RegExp) =>
    refuses(cli, ["export", "tlog-proof", ...args], { code, message });
  await refused(["none.json"], 2, /no such file/);
  await refused(["bad.json"], 1, /not a pot proof/);
  await refused(["p.json", "--size", "2"], 2, /no anchor over that size/);
  for (const size of ["0", "01", "x", "1n"]) {
    await refused(["p.json", "--size", size], 2, /--size must be a whole number/);
  }
  await refused(["p.json", "-o", "no/such/folder.tlog-proof"], 2, /Cannot write the proof there/);
});
