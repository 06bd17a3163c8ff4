import assert from "node:assert/strict";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { denoFiles } from "../../lib/io/deno_files.ts";
import { createCli } from "../_fakes/cli_harness.ts";
import { startS3Server } from "../_fakes/s3_server.ts";

const TARGETS = { POT_BACKUP_TARGETS: "backups" };

async function recorded(env: Readonly<Record<string, string>> = TARGETS) {
  const cli = await createCli({ env });
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

Deno.test("pot backup create, list and verify tell what is where", async () => {
  await using cli = await recorded({ POT_BACKUP_TARGETS: "backups,second=more/backups" });
  const created = await cli.run("backup", "create", "--json");
  assert.equal(created.code, 0, created.err);
  assert.deepEqual(created.json.targets, [
    { target: "folder", verified: "content" },
    { target: "second", verified: "content" },
  ]);
  assert.deepEqual([created.json.recordCount, created.json.isEncrypted], [2, false]);
  const listed = await cli.run("backup", "list");
  assert.match(
    listed.out,
    /^TARGET +MADE +RECORDS +SIZE +VERIFIED +NAME\nfolder +\d{4}-\S+Z +2 +\S+ KiB +content +pot-.*\.tar\.gz\nsecond +/,
  );
  const { name } = created.json;
  const verified = await cli.run("backup", "verify", name, "--target", "second");
  assert.equal(
    verified.out,
    `${name} in second is what was written\n  every file in it has the digest of its manifest\n`,
  );
  await Deno.truncate(cli.path("backups", name), 100);
  const again = await cli.run("backup", "list");
  assert.match(again.out, new RegExp(`folder: ${name}: it is 100 bytes long, \\d+ were written\n$`));
  assert.equal((await cli.run("backup", "verify", "--target", "folder")).code, 2, "there is none left");
});

Deno.test("pot backup verify refuses a damaged backup and takes its mark away", async () => {
  await using cli = await recorded();
  const { name } = (await cli.run("backup", "create", "--json")).json;
  const bytes = await Deno.readFile(cli.path("backups", name));
  bytes[bytes.length >> 1]! ^= 16;
  await Deno.writeFile(cli.path("backups", name), bytes);
  const { code, err } = await cli.run("backup", "verify", name);
  assert.equal(code, 1);
  assert.match(
    err,
    /^error: Cannot use the backup as it is damaged\n {2}backup: pot-.*\n {2}found: .*\n {2}→ use another one: pot backup list/,
  );
  assert.equal((await cli.run("backup", "list", "--json")).json.targets[0].backups[0].verifiedAt, undefined);
  assert.equal((await cli.run("backup", "restore", name, "--apply")).code, 1);
  assert.equal((await cli.run("status", "--json")).code, 0);
});

Deno.test("pot backup restore changes nothing until --apply, keeps what was there, and refuses beside a daemon", async () => {
  await using cli = await recorded();
  await cli.run("backup", "create");
  await cli.write("b.bin", "later");
  assert.equal((await cli.run("record", "checkpoint", "b.bin", "--run", "r", "--step", "3")).code, 0);
  await cli.run("backup", "restore");
  const before = await cli.listing();
  const looked = await cli.run("backup", "restore", "--json");
  assert.equal(looked.code, 0, looked.err);
  assert.deepEqual([
    looked.json.isApplied,
    looked.json.difference.recordsHere,
    looked.json.difference.recordsInBackup,
    looked.json.audit.outcome,
  ], [false, 3, 2, "clean"]);
  assert.deepEqual(looked.json.difference.stays, ["access.jsonl", "access-head.json"]);
  assert.equal(await cli.listing(), before);
  {
    using _daemon = await denoFiles.lock(cli.path(".pot", "daemon.lock"));
    const refused = await cli.run("backup", "restore", "--apply");
    assert.equal(refused.code, 2);
    assert.match(refused.err, /^error: Cannot restore a backup as a daemon works on this home folder\n/);
  }
  const key = await Deno.readTextFile(cli.path(".pot", "log.key"));
  const applied = await cli.run("backup", "restore", "--apply", "--json");
  assert.equal(applied.code, 0, applied.err);
  assert.equal((await cli.run("runs", "--json")).json.runs[0].recordCount, 2);
  assert.equal(await Deno.readTextFile(cli.path(".pot", "log.key")), key);
  assert.ok((await Deno.stat(`${applied.json.kept}/log/write-ahead`)).isFile);
  const audit = await cli.run("log", "audit", "--json");
  assert.deepEqual([audit.json.outcome, audit.json.size], ["clean", 2]);
  assert.equal((await cli.run("record", "checkpoint", "b.bin", "--run", "r", "--step", "3")).code, 0);
});

Deno.test("pot backup restore brings a lost home back; stock tar does too", async () => {
  await using cli = await recorded();
  const { name } = (await cli.run("backup", "create", "--json")).json;
  await Deno.rename(cli.path(".pot"), cli.path("lost"));
  const restored = await cli.run("backup", "restore", "--apply", "--json");
  assert.equal(restored.code, 0, restored.err);
  assert.equal((await cli.run("log", "audit", "--json")).json.outcome, "clean");
  // The log's private key is in no backup.
  assert.equal((await cli.run("status")).code, 2);
  await Deno.copyFile(cli.path("lost", "log.key"), cli.path(".pot", "log.key"));
  assert.equal((await cli.run("runs", "--json")).json.runs[0].recordCount, 2);

  await Deno.mkdir(cli.path("by-hand"));
  const tar = new Deno.Command("tar", {
    args: ["-xzf", cli.path("backups", name), "-C", cli.path("by-hand")],
  });
  assert.ok((await tar.output()).success);
  const audit = await cli.run("log", "audit", "--home", cli.path("by-hand", "home"), "--json");
  assert.deepEqual([audit.json.outcome, audit.json.size], ["clean", 2]);
  const { files } = JSON.parse(await Deno.readTextFile(cli.path("by-hand", "manifest.json")));
  for (const { path, sizeBytes } of files) {
    assert.equal((await Deno.stat(cli.path("by-hand", path))).size, sizeBytes, path);
  }
  const out = await cli.run("backup", "restore", "--out", "unpacked", "--json");
  assert.equal(out.json.fileCount, files.length);
  assert.equal(
    (await cli.run("backup", "restore", "--out", "unpacked")).code,
    2,
    "never into a folder that is there",
  );
});

Deno.test("pot backup encrypts to its recipient, and opens nothing without the identity", async () => {
  const identity = await generateIdentity();
  const env = { ...TARGETS, POT_BACKUP_RECIPIENT: await identityToRecipient(identity) };
  await using cli = await recorded(env);
  const created = await cli.run("backup", "create", "--json");
  assert.deepEqual(created.json.targets, [{ target: "folder", verified: "ciphertext" }]);
  assert.match(created.json.name, /\.tar\.gz\.age$/);
  const refused = await cli.run("backup", "restore");
  assert.deepEqual([refused.code, refused.err.split("\n")[0]], [
    2,
    "error: Cannot unpack the backup as it is encrypted and no identity is here",
  ]);
  const file = await cli.write("identity.txt", `# mine\n${identity}\n`);
  await Deno.chmod(file, 0o600);
  const withKey = { POT_BACKUP_IDENTITY_FILE: file };
  const verified = await cli.runWith(withKey, "backup", "verify", "--json");
  assert.equal(verified.json.verified, "content");
  const restored = await cli.runWith(withKey, "backup", "restore", "--json");
  assert.equal(restored.json.audit.outcome, "clean");
  const mistaken = await cli.runWith({ POT_BACKUP_RECIPIENT: identity }, "backup", "list");
  assert.equal(mistaken.code, 2);
  assert.ok(!mistaken.err.includes(identity), "an identity in the wrong place is not shown");
});

Deno.test("pot backup prune says with --dry-run what it would remove", async () => {
  await using cli = await recorded({ ...TARGETS, POT_BACKUP_KEEP: "last=1" });
  for (let i = 0; i < 3; i++) await cli.run("backup", "create");
  const dry = await cli.run("backup", "prune", "--dry-run");
  assert.match(
    dry.out,
    /^folder: 1 kept, 2 would be removed\n {2}keep {4}pot-\S+ \(newest verified, last\)\n {2}remove {2}pot-/,
  );
  assert.equal((await cli.run("backup", "list", "--json")).json.targets[0].backups.length, 3);
  assert.match((await cli.run("backup", "prune")).out, /^folder: 1 kept, 2 removed\n/);
  assert.equal((await cli.run("backup", "list", "--json")).json.targets[0].backups.length, 1);
});

Deno.test("pot backup goes to a bucket and a folder at once, and comes back from the bucket alone", async () => {
  const credentials = { accessKeyId: "AKIATESTKEY0000001", secretAccessKey: "s3cr3t/of+the=test" };
  await using server = startS3Server({
    bucket: "pot-backups",
    region: "eu-central-1",
    credentials: [credentials],
  });
  await using cli = await recorded({
    POT_BACKUP_TARGETS: `backups,offsite=s3://pot-backups/team?region=eu-central-1&endpoint=${server.url}`,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
  const created = await cli.run("backup", "create", "--json");
  assert.deepEqual(
    created.json.targets.map((one: { target: string; verified: string }) => [one.target, one.verified]),
    [
      ["folder", "content"],
      ["offsite", "content"],
    ],
  );
  assert.deepEqual(
    [...server.objects.keys()],
    ["", ".json", ".verified"].map((end) => `team/${created.json.name}${end}`),
  );
  await Deno.remove(cli.path("backups"), { recursive: true });
  await Deno.remove(cli.path(".pot", "log"), { recursive: true });
  const restored = await cli.run("backup", "restore", "--apply", "--json");
  assert.deepEqual([restored.code, restored.json.target, restored.json.audit.outcome], [
    0,
    "offsite",
    "clean",
  ]);
  assert.equal((await cli.run("runs", "--json")).json.runs[0].recordCount, 2);
  const refused = await cli.runWith({ AWS_SECRET_ACCESS_KEY: "another" }, "backup", "create");
  assert.equal(refused.code, 1);
  assert.match(
    refused.out,
    /offsite: FAILED: Cannot write to the bucket as it was refused; .*SignatureDoesNotMatch\n$/,
  );
});
