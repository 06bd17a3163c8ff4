import assert from "node:assert/strict";
import { join } from "node:path";
import { manifestDigest } from "../../lib/core/manifest.ts";
import { encodeSafetensors } from "../../lib/core/safetensors.ts";
import { createCli } from "../_fakes/cli_harness.ts";
import { assertInTotoStatement } from "../_fakes/in_toto_rules.ts";
import { refuses } from "../_fakes/refuses.ts";
import { writeSparse } from "../_fakes/temporary_folder.ts";

const RECORD = ["record", "checkpoint", "--run", "r", "--step", "1"];

/** A log, and a folder of shards. */
async function createInstalled(options: Parameters<typeof createCli>[0] = {}) {
  const cli = await createCli(options);
  await cli.run("init", "--local");
  await cli.write("shards/model-1.bin", "one");
  await cli.write("shards/model-2.bin", "two");
  await cli.write("shards/config.json", "{}");
  return cli;
}

Deno.test("pot record checkpoint keeps a folder's manifest beside the log, by its digest", async () => {
  await using cli = await createInstalled();
  const { json, err } = await cli.run(...RECORD, "shards", "--json");
  assert.equal(err, "");
  const { kind, digest, sizeBytes } = json.records[0].artifact;
  assert.deepEqual([kind, sizeBytes], ["directory", 8]);
  const manifest = await Deno.readFile(cli.path(".pot", "manifests", `${digest}.json`));
  assert.equal(manifestDigest(manifest), digest);
  assert.ok(new TextDecoder().decode(manifest).startsWith('{"files":[{"digest":"'));
});

Deno.test("pot record checkpoint records several paths, or none of them", async () => {
  await using cli = await createInstalled();
  const before = await cli.listing();
  await refuses(cli, [...RECORD, "shards", "gone.bin"], {
    code: 2,
    message: "Cannot digest the artifact as there is no such file",
    fact: `path: ${cli.path("gone.bin")}`,
  });
  await cli.write("empty.bin", "");
  const message = "Cannot record the checkpoint as the artifact is empty";
  await refuses(cli, [...RECORD, "shards", "empty.bin"], {
    code: 2,
    message,
    fact: `path: ${cli.path("empty.bin")}`,
  });
  await Deno.remove(cli.path("empty.bin"));
  assert.equal(await cli.listing(), before);

  const { json } = await cli.run(...RECORD, "shards/model-1.bin", "shards", "shards/model-2.bin", "--json");
  const recorded = json.records.map(({ index, artifact }: { index: string; artifact: { name: string } }) =>
    `${index} ${artifact.name}`
  );
  assert.deepEqual(recorded, ["0 model-1.bin", "1 shards", "2 model-2.bin"]);
});

Deno.test("pot record checkpoint records nothing when a folder holds what cannot be hashed", async () => {
  await using cli = await createInstalled();
  await Deno.symlink("../pot.jsonc", cli.path("shards", "link"));
  await refuses(cli, [...RECORD, "shards"], {
    code: 2,
    message: "Cannot digest the folder as it holds a link that leaves it",
    fact: "path: link",
  });
});

Deno.test("pot record checkpoint stops when it is interrupted, and records nothing", async () => {
  const controller = new AbortController();
  await using cli = await createInstalled({ signal: controller.signal });
  await writeSparse(cli.path("huge.bin"), 1e11);
  setTimeout(() => controller.abort(new Error("Stopped by a signal")), 100);
  const { code, out, err } = await cli.run(...RECORD, "huge.bin");
  assert.deepEqual([code, out], [130, ""]);
  assert.match(err, /Stopped by a signal/);
});

Deno.test("pot record checkpoint --tensors puts tensors into the record", async () => {
  await using cli = await createInstalled();
  const weight = { name: "w", shape: [2, 3], values: new Float32Array(6) };
  await cli.write("model.safetensors", encodeSafetensors([weight]));
  const { json } = await cli.run(...RECORD, "model.safetensors", "--tensors", "--json");
  const { format, tensors, parameterCount } = json.records[0].artifact;
  assert.deepEqual([format, tensors, parameterCount], [
    "safetensors",
    [{ name: "w", dtype: "F32", shape: [2, 3] }],
    6,
  ]);
  const twice = await cli.run(...RECORD, "model.safetensors", "--tensors", "--json");
  assert.equal(twice.json.records[0].isDuplicate, true);

  await refuses(cli, [...RECORD, "shards/model-1.bin", "--tensors"], {
    code: 2,
    message: "Cannot list the tensors as it is no safetensors file",
    hint: "record it without its tensors: other formats are opaque bytes",
  });
  await refuses(cli, [...RECORD, "--digest", "ab".repeat(32), "--tensors"], {
    code: 2,
    message: "Cannot look into the artifact as only its --digest is given",
    hint: "leave out --tensors and --format auto",
  });
});

Deno.test("pot record checkpoint --format says what the files are", async () => {
  await using cli = await createInstalled();
  await cli.write("model.gguf", "GGUF and so on");
  const formatOf = async (...args: string[]) =>
    (await cli.run(...RECORD, ...args, "--json")).json.records[0].artifact.format;
  assert.equal(await formatOf("model.gguf", "--format", "auto"), "gguf");
  assert.equal(await formatOf("model.gguf", "--format", "orbax"), "orbax");
  assert.equal(await formatOf("--digest", "ab".repeat(32), "--format", "onnx"), "onnx");
  assert.equal(await formatOf("model.gguf"), undefined);
});

/** A folder that is recorded and proven, and then not as it was. */
async function createChanged() {
  const cli = await createInstalled();
  const { id, artifact } = (await cli.run(...RECORD, "shards", "--json")).json.records[0];
  await cli.run("anchor");
  await cli.run("prove", id, "-o", "p.json");
  const verify = ["verify", "p.json", "--offline", "--artifact", "shards"];
  assert.equal((await cli.run(...verify)).code, 0);
  await cli.write("shards/model-2.bin", "2wo");
  await cli.write("shards/new\x1b[2J.bin", "new");
  await Deno.remove(cli.path("shards", "config.json"));
  return Object.assign(cli, {
    verify,
    manifest: `.pot/manifests/${artifact.digest}.json`,
    digest: artifact.digest,
  });
}

Deno.test("pot verify --artifact says which files of a folder differ", async () => {
  await using cli = await createChanged();
  const { code, out } = await cli.run(...cli.verify);
  assert.equal(code, 1);
  const lines = ["  changed  model-2.bin", "  missing  config.json", '  added    "new\\u001b[2J.bin"', ""];
  assert.ok(out.endsWith(lines.join("\n")), out);
  const { json } = await cli.run(...cli.verify, "--json");
  assert.deepEqual(json.difference, {
    changed: ["model-2.bin"],
    missing: ["config.json"],
    added: ["new\x1b[2J.bin"],
  });
});

Deno.test("pot verify says how to learn what differs where the manifest is not at hand", async () => {
  await using cli = await createChanged();
  await Deno.rename(cli.path(cli.manifest), cli.path("kept.json"));
  const hidden = await cli.run(...cli.verify);
  assert.equal(hidden.code, 1);
  assert.match(hidden.out, /which files differ: give the recorded manifest with --manifest/);
  assert.equal((await cli.run(...cli.verify, "--json")).json.difference, undefined);

  const given = await cli.run(...cli.verify, "--manifest", "kept.json");
  assert.equal(given.code, 1);
  assert.match(given.out, /changed {2}model-2\.bin/);

  await cli.write("forged.json", "{}");
  await refuses(cli, [...cli.verify, "--manifest", "forged.json"], {
    code: 2,
    message: "Cannot use the manifest as it is not the recorded one",
    fact: `recorded: ${cli.digest}`,
  });
  await refuses(cli, [...cli.verify, "--manifest", "gone.json"], {
    code: 2,
    message: "Cannot read the manifest",
  });
  await refuses(cli, ["verify", "p.json", "--manifest", "kept.json"], {
    code: 2,
    message: "Cannot use --manifest as there is no folder to compare with it",
    hint: "give the folder with --artifact",
  });
  // A damaged one is no reason to say less than that.
  await cli.write(cli.manifest, "{}");
  assert.match((await cli.run(...cli.verify)).out, /which files differ: give the recorded manifest/);
});

Deno.test("pot export in-toto writes a statement about a folder's files, with the anchor's coordinates", async () => {
  await using cli = await createInstalled();
  const { id, artifact } = (await cli.run(...RECORD, "shards", "--json")).json.records[0];
  await cli.run("anchor");
  const { json, err } = await cli.run("export", "in-toto", id);
  assert.equal(err, "");
  assertInTotoStatement(json);
  assert.deepEqual(json.subject.map(({ name }: { name: string }) => name), [
    "./pot-manifest.json",
    "config.json",
    "model-1.bin",
    "model-2.bin",
  ]);
  assert.equal(json.subject[0].digest.sha256, artifact.digest);
  assert.deepEqual([json.predicate.id, json.predicate.anchors[0].state], [id, "local"]);

  const { out } = await cli.run("export", "in-toto", id, "--output", "s.json");
  assert.equal(out, "wrote s.json\n  subjects  4\n");
  assert.deepEqual(JSON.parse(await Deno.readTextFile(cli.path("s.json"))), json);
  const written = await cli.run("export", "in-toto", id, "-o", "s.json", "--json");
  assert.deepEqual(written.json, { id, file: cli.path("s.json"), subjectCount: 4 });
});

Deno.test("pot export in-toto refuses what it cannot make a statement of", async () => {
  await using cli = await createInstalled();
  const validation = await cli.run("record", "validation", "--run", "r", "--metric", "a=1", "--json");
  const { id, artifact } = (await cli.run(...RECORD, "shards", "--json")).json.records[0];
  await cli.run("anchor");
  await refuses(cli, ["export", "in-toto", "abc"], {
    code: 2,
    message: "Cannot export the record as its id must be 64 lowercase hex characters",
    fact: 'id: "abc"',
  });
  await refuses(cli, ["export", "in-toto", "ab".repeat(32)], {
    code: 1,
    message: "Cannot prove the record as the log holds none with this id",
  });
  await refuses(cli, ["export", "in-toto", validation.json.records[0].id], {
    code: 2,
    message: "Cannot export the record as it names no artifact, and a statement is about one",
  });
  await refuses(cli, ["export", "in-toto", id, "-o", "no/such/folder/s.json"], {
    code: 2,
    message: "Cannot write the statement there",
  });
  await Deno.remove(join(cli.path(".pot", "manifests"), `${artifact.digest}.json`));
  await refuses(cli, ["export", "in-toto", id], {
    code: 2,
    message: "Cannot export the record as the folder's manifest is not kept here",
    fact: `manifest: ${artifact.digest}`,
  });
  // As its hint says.
  assert.equal((await cli.run(...RECORD, "shards", "--json")).json.records[0].isDuplicate, true);
  assert.equal((await cli.run("export", "in-toto", id)).code, 0);
});
