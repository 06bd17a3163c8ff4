import assert from "node:assert/strict";
import { join } from "node:path";
import { manifestDigest, parseManifest } from "../../../lib/core/manifest.ts";
import { parseEvent } from "../../../lib/core/parse_event.ts";
import { encodeSafetensors } from "../../../lib/core/safetensors.ts";
import { digestFile } from "../../../lib/io/digest_file.ts";
import { digestFolder } from "../../../lib/io/digest_folder.ts";
import { readArtifacts } from "../../../lib/io/read_artifacts.ts";
import { inTemporaryFolder, writeSparse } from "../../_fakes/temporary_folder.ts";

const tensor = (name: string, shape: readonly number[]) => ({
  name,
  shape,
  values: new Float32Array(shape.reduce((product, size) => product * size, 1)),
});

async function write(path: string, bytes: Uint8Array | string): Promise<string> {
  await Deno.writeFile(path, typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes);
  return path;
}

/** What a record would hold must be what a record can hold. */
function assertRecordable(artifact: unknown): void {
  assert.deepEqual(parseEvent({ kind: "checkpoint", runId: "r", step: 1, artifact }).artifact, artifact);
}

Deno.test("readArtifacts() describes files and folders in the order they are named, and keeps manifests", () =>
  inTemporaryFolder(async (folder) => {
    const file = await write(join(folder, "a.bin"), "abc");
    await Deno.mkdir(join(folder, "shards"));
    await write(join(folder, "shards", "one"), "1");
    await write(join(folder, "shards", "two"), "22");
    const read = await readArtifacts([join(folder, "shards"), file]);
    const { digest, manifest } = await digestFolder(join(folder, "shards"));
    assert.deepEqual(read, [
      {
        artifact: {
          algorithm: "sha256",
          digest,
          sizeBytes: 3,
          name: "shards",
          kind: "directory",
          computed: true,
        },
        documents: [manifest],
      },
      {
        artifact: {
          algorithm: "sha256",
          ...(await digestFile(file)),
          name: "a.bin",
          kind: "file",
          computed: true,
        },
        documents: [],
      },
    ]);
    assert.equal(manifestDigest(manifest), digest);
    assert.deepEqual(parseManifest(manifest).map(({ path }) => path), ["one", "two"]);
  }));

Deno.test("readArtifacts() gives back nothing where one path is bad", () =>
  inTemporaryFolder(async (folder) => {
    const file = await write(join(folder, "a.bin"), "abc");
    await assert.rejects(() => readArtifacts([file, join(folder, "none")]), {
      message: "Cannot digest the artifact as there is no such file",
    });
  }));

Deno.test("readArtifacts() lists a few tensors in the record", () =>
  inTemporaryFolder(async (folder) => {
    const path = await write(
      join(folder, "model.safetensors"),
      encodeSafetensors([tensor("bias", [3]), tensor("weight", [2, 3])]),
    );
    const [{ artifact, documents } = assert.fail()] = await readArtifacts([path], { tensors: true });
    assert.deepEqual(documents, []);
    assert.deepEqual([artifact.format, artifact.tensors, artifact.parameterCount, artifact.tensorsDigest], [
      "safetensors",
      [{ name: "bias", dtype: "F32", shape: [3] }, { name: "weight", dtype: "F32", shape: [2, 3] }],
      9,
      undefined,
    ]);
    assertRecordable(artifact);
  }));

Deno.test("readArtifacts() names a list of many tensors by its digest", () =>
  inTemporaryFolder(async (folder) => {
    const many = Array.from(
      { length: 1_000 },
      (_, i) => tensor(`model.layers.${i}.self_attn.q_proj.weight`, [1]),
    );
    const path = await write(join(folder, "model.safetensors"), encodeSafetensors(many));
    const [{ artifact, documents } = assert.fail()] = await readArtifacts([path], { tensors: true });
    assert.equal(artifact.tensors, undefined);
    assert.deepEqual([artifact.tensorCount, artifact.parameterCount], [1_000, 1_000]);
    assert.equal(artifact.tensorsDigest, manifestDigest(documents[0]!));
    const text = new TextDecoder().decode(documents[0]);
    assert.ok(
      text.startsWith(
        `{"files":[{"path":"model.safetensors","tensors":[{"dtype":"F32","name":"model.layers.0.self_attn.q_proj.weight","shape":[1]},`,
      ),
    );
    assert.ok(text.endsWith(`]}],"schema":"pot-tensors/1"}`));
    assertRecordable(artifact);
  }));

Deno.test("readArtifacts() lists the tensors of all shards of a folder beside its manifest", () =>
  inTemporaryFolder(async (folder) => {
    await write(join(folder, "config.json"), "{}");
    await write(join(folder, "model-1-of-2.safetensors"), encodeSafetensors([tensor("a", [4])]));
    await write(
      join(folder, "model-2-of-2.safetensors"),
      encodeSafetensors([tensor("b", [5]), tensor("c", [])]),
    );
    const [{ artifact, documents } = assert.fail()] = await readArtifacts([folder], { tensors: true });
    assert.deepEqual([artifact.digest, artifact.tensorsDigest], documents.map(manifestDigest));
    assert.deepEqual([artifact.format, artifact.tensorCount, artifact.parameterCount], [
      "safetensors",
      3,
      10,
    ]);
    const { files } = JSON.parse(new TextDecoder().decode(documents[1]));
    assert.deepEqual(files.map(({ path }: { path: string }) => path), [
      "model-1-of-2.safetensors",
      "model-2-of-2.safetensors",
    ]);
    assertRecordable(artifact);
  }));

Deno.test("readArtifacts() records names that a record cannot hold in the list by digest", () =>
  inTemporaryFolder(async (folder) => {
    const path = await write(
      join(folder, "odd.safetensors"),
      encodeSafetensors([tensor("a\nb", [1]), tensor("", [1])]),
    );
    const [{ artifact, documents } = assert.fail()] = await readArtifacts([path], { tensors: true });
    assert.equal(artifact.tensorCount, 2);
    assert.ok(new TextDecoder().decode(documents[0]).includes(`"name":"a\\nb"`));
    assertRecordable(artifact);
  }));

Deno.test("readArtifacts() refuses tensors of what is no safetensors file, of a broken one and of a huge header", () =>
  inTemporaryFolder(async (folder) => {
    const pickle = await write(join(folder, "model.pt"), "PK\x03\x04 and so on");
    await assert.rejects(() => readArtifacts([pickle], { tensors: true }), {
      message: "Cannot list the tensors as it is no safetensors file",
      facts: [`path: ${pickle}`],
      hint: "record it without its tensors: other formats are opaque bytes",
      exitCode: 2,
    });
    await assert.rejects(() => readArtifacts([folder], { tensors: true }), {
      message: "Cannot list the tensors as it is no safetensors file",
    });
    await write(join(folder, "other.pt"), "PK\x03\x04");
    await assert.rejects(() => readArtifacts([folder], { tensors: true }), {
      message: "Cannot list the tensors as the folder holds no .safetensors file",
    });

    const whole = encodeSafetensors([tensor("w", [100])]);
    for (const length of [0, 7, 8, 20, whole.length - 1]) {
      const cut = await write(join(folder, "cut.safetensors"), whole.subarray(0, length));
      await assert.rejects(
        () => readArtifacts([cut], { tensors: true }),
        (error: Error & { facts: string[] }) => {
          assert.match(error.message, /^Cannot read the safetensors file as /);
          assert.equal(error.facts[0], `path: ${cut}`);
          return true;
        },
      );
    }

    // 40 MB of header in a file of 1 TB: nothing of it is read.
    const huge = await writeSparse(join(folder, "huge.safetensors"), 1e12);
    using file = await Deno.open(huge, { write: true });
    await file.write(new Uint8Array(new BigUint64Array([40_000_000n]).buffer));
    await assert.rejects(() => readArtifacts([huge], { tensors: true }), {
      message: "Cannot list the tensors as the safetensors header is too large",
      facts: [`path: ${huge}`, "header: 40000000 bytes", "limit: 16777216 bytes"],
    });
  }));

Deno.test("readArtifacts() says the format that was asked for, or the one that the bytes show", () =>
  inTemporaryFolder(async (folder) => {
    const gguf = await write(join(folder, "model.gguf"), "GGUF and so on");
    const formatOf = async (path: string, format?: string) =>
      (await readArtifacts([path], format === undefined ? {} : { format }))[0]!.artifact.format;
    assert.equal(await formatOf(gguf), undefined);
    assert.equal(await formatOf(gguf, "auto"), "gguf");
    assert.equal(await formatOf(gguf, "my-format"), "my-format");
    await write(join(folder, "config.json"), "{}");
    assert.equal(await formatOf(folder, "auto"), "gguf");
    await write(join(folder, "model.pt"), "PK\x03\x04");
    assert.equal(await formatOf(folder, "auto"), undefined);
  }));

Deno.test("readArtifacts() sees a file that changed between its header and its hash", () =>
  inTemporaryFolder(async (folder) => {
    const first = await writeSparse(join(folder, "first.bin"), 1_000_000);
    const second = await write(join(folder, "second.safetensors"), encodeSafetensors([tensor("w", [1])]));
    // Both versions are of one length, and a file system's clock may tick as seldom as every 10 ms: two writes in one tick look alike.
    await Deno.utime(second, 1_700_000_000, 1_700_000_000);
    let isChanged = false;
    // The second one's header is read before the first one is hashed, and is another one when its turn comes.
    const onProgress = () => {
      if (!isChanged) Deno.writeFileSync(second, encodeSafetensors([tensor("w", [1, 1])]));
      isChanged = true;
    };
    await assert.rejects(() => readArtifacts([first, second], { format: "auto", onProgress }), {
      message: "Cannot digest the artifact as it changed while it was read",
      facts: [`path: ${second}`],
    });
  }));
