import assert from "node:assert/strict";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { type BackupTarget, contentOf } from "../../../lib/backup/backup_target.ts";
import { createFolderTarget } from "../../../lib/backup/folder_target.ts";
import { listBackups } from "../../../lib/backup/list_backups.ts";
import { pruneBackups } from "../../../lib/backup/prune_backups.ts";
import { unpackBackup } from "../../../lib/backup/unpack_backup.ts";
import { verifyBackup } from "../../../lib/backup/verify_backup.ts";
import { createS3Target } from "../../../lib/backup/s3_target.ts";
import type { FileLayer } from "../../../lib/io/file_layer.ts";
import { backUp, BACKUP_ORIGIN, readNewestVerified } from "../../_fakes/backup_fixture.ts";
import { createForgetfulDisk, type Keep, PowerCut } from "../../_fakes/forgetful_files.ts";
import { startS3Server } from "../../_fakes/s3_server.ts";

const T1 = Date.parse("2026-01-30T02:41:00.000Z");
const T2 = Date.parse("2026-01-31T02:41:00.000Z");
const T3 = Date.parse("2026-02-01T02:41:00.000Z");
const clock = { now: () => T3 };

function folderOn(files: FileLayer): BackupTarget {
  return createFolderTarget("/target", { name: "folder", files });
}

async function diskWithOne() {
  const disk = createForgetfulDisk();
  const files = disk.mount();
  await files.makeFolder("/work");
  const { targets } = await backUp(T1, { files, targets: [folderOn(files)] });
  assert.deepEqual(targets, [{ target: "folder", isOk: true, depth: "content" }]);
  return disk;
}

Deno.test("createBackup() leaves the newest verified backup restorable, whenever it is killed or the power is cut", async () => {
  const whole = await diskWithOne();
  const before = whole.calls;
  const rested = whole.mount();
  await backUp(T2, { files: rested, targets: [folderOn(rested)] });
  const steps = whole.calls - before;
  assert.ok(steps > 40, `${steps} steps`);
  let isNewer = 0;
  for (let step = 1; step <= steps; step++) {
    const endings: readonly (Keep | "kill")[] = ["kill", "nothing", "everything", { prefix: step }, {
      some: step,
    }];
    for (const ending of endings) {
      const disk = await diskWithOne();
      disk.cutAtCall(disk.calls + step);
      const dying = disk.mount();
      await assert.rejects(async () => {
        // A target that died makes an outcome, a snapshot that did an error.
        const { targets } = await backUp(T2, { files: dying, targets: [folderOn(dying)] });
        for (const outcome of targets) if (!outcome.isOk) throw outcome.error;
      }, PowerCut);
      if (ending === "kill") disk.kill();
      else disk.cutPower(ending);
      const files = disk.mount();
      const newest = await readNewestVerified(folderOn(files));
      if (newest.note.createdAt === new Date(T2).toISOString()) isNewer++;
      // The next one works, and nothing is left of what was cut off.
      if (ending !== "everything") continue;
      const { targets } = await backUp(T3, { files, targets: [folderOn(files)] });
      assert.ok(targets[0]!.isOk);
      assert.equal((await readNewestVerified(folderOn(files))).note.createdAt, new Date(T3).toISOString());
      assert.deepEqual(await files.list("/work"), []);
      assert.ok((await files.list("/target")).every(({ name }) => !name.endsWith(".tmp")));
    }
  }
  assert.ok(isNewer > 0, "some of them came to their end");
});

Deno.test("createBackup() survives a full disk at every write", async () => {
  for (let full = 1;; full++) {
    const disk = await diskWithOne();
    const files = disk.mount();
    let writes = 0;
    const noSpace: FileLayer = {
      ...files,
      async open(path, options) {
        const file = await files.open(path, options);
        return {
          ...file,
          async writeAt(offset, bytes) {
            // From then on, as a disk does not get emptier by itself.
            if (++writes < full) return await file.writeAt(offset, bytes);
            await file.writeAt(offset, bytes.subarray(0, bytes.length >> 1));
            throw new Error("No space left on device (os error 28)");
          },
        };
      },
    };
    const outcome = await backUp(T2, { files: noSpace, targets: [folderOn(noSpace)] }).catch((error: Error) =>
      error
    );
    const isDone = !(outcome instanceof Error) && outcome.targets.every(({ isOk }) => isOk);
    await readNewestVerified(folderOn(files));
    assert.ok((await files.list("/work")).every(({ name }) => name.endsWith(".lock")), "the archive is gone");
    if (isDone) {
      assert.ok(full > 4, `${full}`);
      break;
    }
    const failed = outcome instanceof Error
      ? outcome
      : outcome.targets.map((one) => one.isOk ? undefined : one.error)[0];
    assert.match(String(failed), /No space left/);
  }
});

Deno.test("createBackup() finds out a target that stores half and says that all is well", async () => {
  const disk = await diskWithOne();
  const files = disk.mount();
  const honest = folderOn(files);
  const liar: BackupTarget = {
    ...honest,
    put: async (name, content, options) => {
      const half = Math.floor(content.sizeBytes / 2);
      await honest.put(
        name,
        name.endsWith(".gz") ? contentOf(await content.readAt(0, half)) : content,
        options,
      );
    },
  };
  await using server = startS3Server({
    bucket: "b-1",
    region: "r",
    credentials: [{ accessKeyId: "A", secretAccessKey: "B" }],
    store: (key, bytes) => key.endsWith(".gz") ? bytes.slice(0, bytes.length >> 1) : bytes,
  });
  const bucket = createS3Target({
    name: "bucket",
    bucket: "b-1",
    prefix: "",
    region: "r",
    endpoint: server.url,
    credentials: () => ({ accessKeyId: "A", secretAccessKey: "B" }),
    clock: { now: () => Date.now() },
  });
  const { targets } = await backUp(T2, { files, targets: [liar, bucket] });
  assert.deepEqual(targets.map(({ target, isOk }) => [target, isOk]), [["folder", false], ["bucket", false]]);
  for (const outcome of targets) {
    assert.ok(!outcome.isOk && (outcome.error as Error).name === "DamagedBackupError");
  }
  assert.equal((await readNewestVerified(honest)).note.createdAt, new Date(T1).toISOString());
  const listing = await listBackups(bucket, {});
  assert.deepEqual(listing.backups, []);
  assert.match(listing.problems.join(), /bytes long, \d+ were written/);
});

Deno.test("a bit flipped at each 4 KB is refused: by reading back, by unpacking, and without the identity", async () => {
  const identity = await generateIdentity();
  const recipient = await identityToRecipient(identity);
  const sizeBytes = 150_000;
  for (const recipients of [[], [recipient]]) {
    const disk = createForgetfulDisk();
    const files = disk.mount();
    await files.makeFolder("/work");
    const target = folderOn(files);
    const identities = recipients.length === 0 ? [] : [identity];
    await backUp(T1, { files, targets: [target], recipients, identities, sizeBytes });
    const [backup] = (await listBackups(target, {})).backups;
    const path = `/target/${backup!.name}`;
    const bytes = disk.peek(path)!;
    assert.ok(bytes.length > sizeBytes);
    for (let at = 0; at < bytes.length; at += 4_096) {
      const flipped = bytes.slice();
      flipped[at]! ^= 1 << (at / 4_096 % 8);
      disk.poke(path, flipped);
      await assert.rejects(verifyBackup(target, backup!, { identities, clock }), Error, `byte ${at}`);
      await assert.rejects(unpackBackup(target, backup!, "/out", { files, identities }));
      assert.deepEqual(await files.list("/out"), [], "nothing of it stays");
      if (recipients.length > 0) {
        await assert.rejects(verifyBackup(target, backup!, { identities: [], clock }), {
          name: "DamagedBackupError",
        });
        assert.equal(
          (await listBackups(target, {})).backups[0]!.verified,
          undefined,
          "the mark is taken away",
        );
      }
    }
    disk.poke(path, bytes);
    assert.equal(await verifyBackup(target, backup!, { identities, clock }), "content");
    await readNewestVerified(target, { identities, sizeBytes });
  }
});

Deno.test("unpackBackup() leaves nothing of what turns out to be damaged at its end", async () => {
  const disk = createForgetfulDisk();
  const files = disk.mount();
  await files.makeFolder("/work");
  const target = folderOn(files);
  await backUp(T1, { files, targets: [target], sizeBytes: 1_000_000 });
  const [backup] = (await listBackups(target, {})).backups;
  const bytes = disk.peek(`/target/${backup!.name}`)!.slice();
  bytes[bytes.length - 6]! ^= 1;
  disk.poke(`/target/${backup!.name}`, bytes);
  await assert.rejects(unpackBackup(target, backup!, "/out", { files, identities: [] }), {
    name: "DamagedBackupError",
  });
  assert.equal(disk.peek("/out/home/anchors.jsonl"), undefined);
  assert.equal(disk.peek("/out/home/log/write-ahead"), undefined);
});

Deno.test("createBackup() without the identity verifies what is stored, and says so", async () => {
  const disk = createForgetfulDisk();
  const files = disk.mount();
  await files.makeFolder("/work");
  const identity = await generateIdentity();
  const recipients = [await identityToRecipient(identity)];
  const { targets } = await backUp(T1, { files, targets: [folderOn(files)], recipients });
  assert.deepEqual(targets, [{ target: "folder", isOk: true, depth: "ciphertext" }]);
  await readNewestVerified(folderOn(files), { identities: [identity] });
  const [backup] = (await listBackups(folderOn(files), {})).backups;
  await assert.rejects(unpackBackup(folderOn(files), backup!, "/out", { files, identities: [] }), {
    message: "Cannot unpack the backup as it is encrypted and no identity is here",
  });
});

Deno.test("two backups at once both come to their end, in one work folder and in two", async () => {
  for (const workFolders of [["/work", "/work"], ["/work", "/work2"]]) {
    const disk = createForgetfulDisk();
    const files = disk.mount();
    for (const folder of workFolders) await files.makeFolder(folder);
    const both = await Promise.all(
      workFolders.map((workFolder, i) => backUp(T1 + i, { files, workFolder, targets: [folderOn(files)] })),
    );
    assert.ok(both.every(({ targets }) => targets[0]!.isOk));
    const { backups, problems } = await listBackups(folderOn(files), {});
    assert.deepEqual(backups.map(({ verified }) => verified?.depth), ["content", "content"]);
    assert.deepEqual(problems, []);
    await readNewestVerified(folderOn(files));
  }
});

Deno.test("one target that fails does not keep the others from theirs", async () => {
  const disk = createForgetfulDisk();
  const files = disk.mount();
  await files.makeFolder("/work");
  const broken: BackupTarget = {
    ...folderOn(files),
    name: "broken",
    put: () => Promise.reject(new Error("no")),
  };
  const { targets } = await backUp(T1, { files, targets: [broken, folderOn(files)] });
  assert.deepEqual(targets.map(({ target, isOk }) => [target, isOk]), [["broken", false], ["folder", true]]);
});

Deno.test("pruneBackups() keeps what the rule says, leaves other logs alone, and does nothing in a dry run", async () => {
  const disk = createForgetfulDisk();
  const files = disk.mount();
  await files.makeFolder("/work");
  const target = folderOn(files);
  for (const atMs of [T1, T1 + 1_000, T2, T3]) await backUp(atMs, { files, targets: [target] });
  const count = async () => (await files.list("/target")).length;
  const before = await count();
  assert.ok((await pruneBackups(target, { origin: "pot/other", rule: { last: 1 } })).length === 0);
  const dry = await pruneBackups(target, { origin: BACKUP_ORIGIN, rule: { daily: 2 }, isDryRun: true });
  assert.equal(await count(), before);
  assert.deepEqual(await pruneBackups(target, { origin: BACKUP_ORIGIN, rule: { daily: 2 } }), dry);
  assert.deepEqual(dry.map(({ isKept }) => isKept), [true, true, false, false]);
  assert.equal(await count(), before - 6, "archive, note and mark of both");
  await readNewestVerified(target);
});

Deno.test("pruneBackups() removes what was never finished, once a newer backup is verified", async () => {
  const disk = createForgetfulDisk();
  const files = disk.mount();
  await files.makeFolder("/work");
  const target = folderOn(files);
  const unfinished = [
    "pot-pot-backup-20260101T000000Z-00000001.tar.gz",
    "pot-pot-backup-20260131T120000Z-00000002.tar.gz",
    "pot-pot-other-20260101T000000Z-00000003.tar.gz",
  ];
  for (const name of unfinished) await target.put(name, contentOf(new Uint8Array(10)));
  const rest = async () => (await listBackups(target, { origin: BACKUP_ORIGIN })).unfinished.toSorted();
  await pruneBackups(target, { origin: BACKUP_ORIGIN, rule: { last: 1 } });
  assert.deepEqual(await rest(), unfinished, "there is no verified one yet");
  await backUp(T3, { files, targets: [target] });
  await pruneBackups(target, { origin: BACKUP_ORIGIN, rule: { last: 1 }, isDryRun: true });
  assert.deepEqual(await rest(), unfinished);
  await pruneBackups(target, { origin: BACKUP_ORIGIN, rule: { last: 1 } });
  assert.deepEqual(await rest(), unfinished.slice(1), "the newer one may be under way");
});
