import assert from "node:assert/strict";
import { contentOf, ObjectExistsError } from "../../../lib/backup/backup_target.ts";
import { createS3Target, type S3TargetOptions } from "../../../lib/backup/s3_target.ts";
import { parseTargets } from "../../../lib/backup/parse_target.ts";
import { type S3Server, type S3ServerOptions, startS3Server } from "../../_fakes/s3_server.ts";

const CREDENTIALS = { accessKeyId: "AKIATESTKEY0000001", secretAccessKey: "s3cr3t/of+the=test" };
const BUCKET = "pot-backups";
const REGION = "eu-central-1";
const clock = { now: () => Date.now() };
/** Short, so that most objects take several. */
const PART = 1_000;

function start(options: Partial<S3ServerOptions> = {}): S3Server {
  return startS3Server({
    bucket: BUCKET,
    region: REGION,
    credentials: [CREDENTIALS],
    minPartBytes: PART,
    ...options,
  });
}

function targetOf({ url }: S3Server, options: Partial<S3TargetOptions> = {}) {
  return createS3Target({
    name: "offsite",
    bucket: BUCKET,
    prefix: "team/pot/",
    region: REGION,
    endpoint: url,
    credentials: () => CREDENTIALS,
    clock,
    partBytes: PART,
    ...options,
  });
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return new Uint8Array(await new Blob(all as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

const random = (sizeBytes: number) => crypto.getRandomValues(new Uint8Array(sizeBytes));

Deno.test("createS3Target() writes, lists page by page, reads and removes, at once and in parts", async () => {
  await using server = start({ pageSize: 2 });
  const target = targetOf(server);
  const objects = new Map(
    [1, PART - 1, PART, PART + 1, 5 * PART, 4_321].map((size) => [`o-${size}`, random(size)]),
  );
  for (const [name, bytes] of objects) await target.put(name, contentOf(bytes));
  server.objects.set("team/pot/deeper/x", random(1));
  server.objects.set("others/x", random(1));
  for (const [name, bytes] of objects) {
    assert.deepEqual(server.objects.get(`team/pot/${name}`), bytes, name);
    assert.deepEqual(await bytesOf(target.read(name)), bytes, name);
  }
  const listed = (await target.list()).map(({ name, sizeBytes }) => [name, sizeBytes]);
  assert.deepEqual(listed.toSorted(), [...objects].map(([name, { length }]) => [name, length]).toSorted());
  await target.remove("o-1");
  await target.remove("o-1");
  assert.equal(server.objects.has("team/pot/o-1"), false);
  assert.equal(server.openUploads, 0);
});

Deno.test("createS3Target() never replaces an object, however it is written", async () => {
  await using server = start();
  const target = targetOf(server);
  for (const size of [10, 3 * PART]) {
    const [first, second] = [random(size), random(size)];
    const outcomes = await Promise.allSettled([
      target.put(`o-${size}`, contentOf(first)),
      target.put(`o-${size}`, contentOf(second)),
    ]);
    const refused = outcomes.flatMap((one) => one.status === "rejected" ? [one.reason] : []);
    assert.equal(refused.length, 1);
    assert.ok(refused[0] instanceof ObjectExistsError);
    await assert.rejects(target.put(`o-${size}`, contentOf(random(size))), ObjectExistsError);
    const kept = server.objects.get(`team/pot/o-${size}`)!;
    assert.ok([first, second].some((bytes) => bytes.toHex() === kept.toHex()));
  }
  assert.equal(server.openUploads, 0, "what was refused was given up");
});

Deno.test("createS3Target() names what the bucket refuses, and shows no secret", async () => {
  const cases: readonly (readonly [Partial<S3ServerOptions>, Partial<S3TargetOptions>, RegExp, string])[] = [
    [
      {},
      { credentials: () => ({ ...CREDENTIALS, secretAccessKey: "wrong" }) },
      /HTTP 403, SignatureDoesNotMatch/,
      "PotError",
    ],
    [
      {},
      { credentials: () => ({ ...CREDENTIALS, accessKeyId: "AKIAOTHER" }) },
      /HTTP 403, InvalidAccessKeyId/,
      "PotError",
    ],
    [{}, { bucket: "another-one" }, /HTTP 404, NoSuchBucket/, "PotError"],
    [{}, { region: "us-east-1" }, /HTTP 403, SignatureDoesNotMatch/, "PotError"],
    [{ denied: ["s3:PutObject"] }, {}, /HTTP 403, AccessDenied/, "PotError"],
    [{ faultOf: () => ({ status: 503, code: "SlowDown" }) }, {}, /HTTP 503, SlowDown/, "UnreachableError"],
    [
      { faultOf: () => ({ status: 501, code: "NotImplemented" }) },
      {},
      /HTTP 501, NotImplemented/,
      "PotError",
    ],
  ];
  for (const [server, target, fact, name] of cases) {
    await using started = start(server);
    await assert.rejects(
      targetOf(started, target).put("o", contentOf(random(10))),
      (error: Error & { facts: string[] }) => {
        assert.equal(error.name, name);
        assert.match(error.facts.join("\n"), fact);
        assert.doesNotMatch(`${error.message}\n${error.facts.join("\n")}`, /s3cr3t|wrong|AKIA|127\.0\.0\.1/);
        return true;
      },
    );
  }
});

Deno.test("createS3Target() sends the token of temporary keys along", async () => {
  const temporary = { ...CREDENTIALS, sessionToken: "FwoG+session/token==" };
  await using server = start({ credentials: [temporary] });
  await targetOf(server, { credentials: () => temporary }).put("o", contentOf(random(10)));
  await assert.rejects(targetOf(server).put("p", contentOf(random(10))), { name: "PotError" });
});

Deno.test("createS3Target() gives up an upload that fails in the middle", async () => {
  let puts = 0;
  await using server = start({
    faultOf: (action) =>
      action === "s3:PutObject" && ++puts === 4 ? { status: 500, code: "InternalError" } : undefined,
  });
  await assert.rejects(targetOf(server).put("o", contentOf(random(5 * PART))), { name: "UnreachableError" });
  assert.equal(server.openUploads, 0);
  assert.equal(server.objects.size, 0);
  assert.equal(server.asked.at(-1), "s3:AbortMultipartUpload");
});

Deno.test("createS3Target() notices an object that is replaced while it is read", async () => {
  await using server = start();
  const target = targetOf(server);
  await target.put("o", contentOf(random(3 * PART)));
  const chunks = target.read("o")[Symbol.asyncIterator]();
  await chunks.next();
  server.objects.set("team/pot/o", random(3 * PART));
  await assert.rejects(async () => await chunks.next(), /HTTP 412|was refused/);
  await assert.rejects(bytesOf(target.read("absent")), {
    message: "Cannot read the backup as it is not there",
  });
});

Deno.test("parseTargets() takes folders and buckets, with and without names", () => {
  assert.deepEqual(
    parseTargets(
      "/srv/backup, offsite=s3://b-1/x/y?region=eu-west-1,backups,s3://b-1?endpoint=https://s3.example:9000",
    ),
    [
      { kind: "folder", name: "folder", path: "/srv/backup" },
      { kind: "s3", name: "offsite", bucket: "b-1", prefix: "x/y/", region: "eu-west-1" },
      { kind: "folder", name: "folder-2", path: "backups" },
      { kind: "s3", name: "s3", bucket: "b-1", prefix: "", endpoint: "https://s3.example:9000" },
    ],
  );
  const wrong = [
    "",
    ",",
    "a=/x,a=/y",
    "s3://",
    "s3://B",
    "s3://b-1?key=1",
    "s3://user:password@b-1/",
    "s3://b-1/%zz",
    "ftp://b-1",
    "s3://b-1?endpoint=http://s3.example",
    "s3://b-1?endpoint=https://user@s3.example",
    "s3://b-1?endpoint=https://s3.example/x?y",
  ];
  for (const text of wrong) assert.equal(parseTargets(text), undefined, text);
});
