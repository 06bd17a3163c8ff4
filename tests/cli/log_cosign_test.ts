import assert from "node:assert/strict";
import { parseCheckpointNote } from "../../lib/core/checkpoint_note.ts";
import { type CliHarness, createCli } from "../_fakes/cli_harness.ts";
import { makeCosigner } from "../_fakes/cosigner.ts";
import { createInstalledCli } from "../_fakes/installed_cli.ts";
import { refuses } from "../_fakes/refuses.ts";
import { serveFolder, tlogHeaders } from "../_fakes/static_server.ts";
import { startWitness, type WitnessServer, type WitnessServerOptions } from "../_fakes/witness_server.ts";

/** A witness that trusts the log in that home. */
async function witnessFor(cli: CliHarness, options: WitnessServerOptions = {}): Promise<WitnessServer> {
  const server = await startWitness(options);
  const { origin, keys } = (await cli.run("log", "keys", "--json")).json;
  server.trust(origin, keys.map(({ verifierKey }: { verifierKey: string }) => verifierKey));
  return server;
}

const cosign = (cli: CliHarness, { url, cosigner }: WitnessServer, ...more: readonly string[]) =>
  cli.run("log", "cosign", url, "--witness-key", cosigner.witnessKey, ...more);

const keyOf = ({ cosigner }: WitnessServer) => ["--witness-key", cosigner.witnessKey];

Deno.test("pot log cosign: from the witness to a proof that asks for it", async () => {
  await using cli = await createInstalledCli();
  await using one = await witnessFor(cli);
  await using two = await witnessFor(cli, { name: "witness.example/w2" });
  assert.equal((await cli.run("verify", "p.json", ...keyOf(one))).code, 1);

  const { code, out, err } = await cosign(cli, one);
  assert.deepEqual([code, err], [0, ""]);
  assert.equal(out, "cosigned size 1 by witness.example/w1 at 2026-09-21T14:13:20.000Z\n");
  const { json } = await cosign(cli, two, "--json");
  const { origin, witness, cosigned: [{ size, by, isKept, cosignatures }], skipped } = json;
  assert.deepEqual([size, by[0].name, isKept, skipped], ["1", "witness.example/w2", true, []]);
  assert.match(witness, /^http:\/\/127\.0\.0\.1:\d+\/\[secret\]$/);
  assert.match(cosignatures, /^— witness\.example\/w2 [A-Za-z0-9+/=]+\n$/);

  await cli.run("prove", cli.id, "-o", "p.json");
  const both = [...keyOf(one), ...keyOf(two)];
  const verified = await cli.run("verify", "p.json", ...both);
  assert.equal(verified.code, 0, verified.out);
  assert.match(
    verified.out,
    /✓ witnesses {2}the checkpoint over size 1 is cosigned by witness\.example\/w1 at .*, witness\.example\/w2 at .*; asked for: 2 of 2 witnesses\n/,
  );
  const third = await makeCosigner("witness.example/w3");
  const all = [...both, "--witness-key", third.witnessKey];
  assert.equal((await cli.run("verify", "p.json", ...all)).code, 1);
  assert.equal((await cli.run("verify", "p.json", ...all, "--witness-threshold", "2")).code, 0);
  // As another log's tools read it.
  const exported = (await cli.run("export", "tlog-proof", "p.json")).out;
  const names = parseCheckpointNote(exported.slice(exported.indexOf("\n\n") + 2)).signatures.map(({ name }) =>
    name
  );
  assert.deepEqual(names, [origin, "witness.example/w1", "witness.example/w2"]);
});

Deno.test("pot log cosign: what is published carries the cosignatures, and passes pot log serve-check", async () => {
  await using cli = await createInstalledCli();
  await using witness = await witnessFor(cli);
  await using server = serveFolder(cli.path("public"), { headersFor: tlogHeaders });
  const signatures = async () => {
    await cli.run("log", "publish", "public");
    assert.equal((await cli.run("log", "serve-check", server.url, "--strict")).code, 0);
    return parseCheckpointNote(await Deno.readTextFile(cli.path("public", "checkpoint"))).signatures.length;
  };
  assert.equal(await signatures(), 1);
  await cosign(cli, witness);
  assert.equal(await signatures(), 2);
  assert.equal(await signatures(), 2);
  await cli.run("record", "validation", "--run", "run-1", "--step", "2", "--metric", "a=1");
  assert.equal(await signatures(), 1);
  await cosign(cli, witness);
  assert.equal(await signatures(), 2);
  // A rotated key signs another text, which no witness has seen; the log goes on all the same.
  const { from, to } = (await cli.run("log", "rotate", "--json")).json;
  assert.equal(await signatures(), 2);
  const { origin } = (await cli.run("log", "keys", "--json")).json;
  witness.trust(origin, [from, to]);
  assert.equal((await cosign(cli, witness)).code, 0);
  assert.equal(await signatures(), 3);
  await cli.run("record", "validation", "--run", "run-1", "--step", "3", "--metric", "a=1");
  assert.equal((await cosign(cli, witness)).code, 0);
  assert.equal(await signatures(), 2);
});

Deno.test("pot log cosign exits with 1 where the witness will not sign, and 4 where it cannot tell", async () => {
  await using cli = await createInstalledCli();
  await using witness = await witnessFor(cli);
  await cosign(cli, witness);
  const line = (url: string) => ["log", "cosign", url, ...keyOf(witness)];
  await using stranger = await startWitness();
  await refuses(cli, line(stranger.url), {
    code: 1,
    message: "Cannot get the checkpoint cosigned as the witness does not know the log",
    fact: "status: 404",
    hint: /pot log keys/,
  });
  await using other = await witnessFor(cli, { name: "witness.example/w9" });
  await refuses(cli, line(other.url), {
    code: 1,
    message: "Cannot take the cosignature as it is by none of the given keys",
    fact: "signed by: witness.example/w9",
    hint: /--witness-key/,
  });
  await using busy = await witnessFor(cli, { intercept: () => new Response("", { status: 503 }) });
  await refuses(cli, line(busy.url), { code: 4, message: /did not answer properly/ });
  await refuses(cli, line(`${busy.url.replace(/:\d+/, ":1")}`), { code: 4, message: /did not answer/ });
});

Deno.test("pot log cosign says what it means where the log was rewritten", async () => {
  await using cli = await createInstalledCli();
  await using witness = await witnessFor(cli);
  await cosign(cli, witness);
  // The key stays, the history does not.
  await Deno.remove(cli.path(".pot", "log"), { recursive: true });
  await Deno.remove(cli.path(".pot", "anchors.jsonl"));
  for (const step of ["1", "2"]) {
    await cli.run("record", "validation", "--run", "other", "--step", step, "--metric", "a=1");
  }
  await cli.run("log", "publish", "public");
  await refuses(cli, ["log", "cosign", witness.url, ...keyOf(witness)], {
    code: 1,
    message:
      "Cannot get the checkpoint cosigned as it does not extend what the witness signed before: this log was rewritten, or another one signs with its key",
    fact: "size the witness signed last: 1",
    hint: /do not anchor or publish/,
  });
});

Deno.test("pot log cosign and pot verify take wrong usage for what it is", async () => {
  await using cli = await createInstalledCli();
  const { witnessKey } = await makeCosigner("witness.example/w1");
  const [{ verifierKey }] = (await cli.run("log", "keys", "--json")).json.keys;
  const refused = (args: readonly string[], message: string | RegExp) =>
    refuses(cli, args, { code: 2, message });
  await refused(["log", "cosign", "https://witness.example"], /witness-key/);
  await refused(["log", "cosign", "http://witness.example", "--witness-key", witnessKey], /not HTTPS/);
  await refused(["log", "cosign", "witness.example", "--witness-key", witnessKey], /malformed/);
  await refused(
    ["log", "cosign", "https://witness.example", "--witness-key", verifierKey],
    /not for Ed25519 cosignatures/,
  );
  await refused(["verify", "p.json", "--witness-key", verifierKey], /not for Ed25519 cosignatures/);
  await refused(["verify", "p.json", "--witness-threshold", "1"], /given without a witness/);
  for (const threshold of ["0", "2"]) {
    await refused(
      ["verify", "p.json", "--witness-key", witnessKey, "--witness-threshold", threshold],
      /threshold is not from 1/,
    );
  }
  await refused(
    ["verify", "p.json", "--witness-key", witnessKey, "--witness-key", witnessKey],
    /given twice/,
  );
  // Before the proof is even looked at.
  await cli.write("bad.json", "{}");
  await refused(["verify", "bad.json", "--witness-key", "key"], /witness key/);

  await using empty = await createCli();
  await empty.run("init", "--local");
  // Opening the log makes its files.
  await empty.run("status");
  await refuses(empty, ["log", "cosign", "https://witness.example", "--witness-key", witnessKey], {
    code: 2,
    message: "Cannot get a checkpoint cosigned as the log is empty",
  });
});
