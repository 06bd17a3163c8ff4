import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import fc from "fast-check";
import { digestFile } from "../../../lib/io/digest_file.ts";
import { digestFolder } from "../../../lib/io/digest_folder.ts";
import { type FileToHash, hashFiles } from "../../../lib/io/hash_files.ts";
import { inTemporaryFolder, writeSparse } from "../../_fakes/temporary_folder.ts";

const MIB = 1024 * 1024;
/** Workers for anything. */
const always = { workerBytes: 0 };
const CHANGED = "Cannot digest the artifact as it changed while it was read";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Files whose bytes follow from their number. */
async function writeFiles(folder: string, sizes: readonly number[]) {
  const files: (FileToHash & { readonly digest: string })[] = [];
  for (const [i, sizeBytes] of sizes.entries()) {
    const bytes = new Uint8Array(sizeBytes).map((_, at) => (at * 31 + i * 7 + (at >> 8)) % 251);
    const path = join(folder, `${i}.bin`);
    await Deno.writeFile(path, bytes);
    files.push({ path, sizeBytes, digest: sha256(bytes) });
  }
  return files;
}

Deno.test("hashFiles() gives the same digests on this thread and in workers, in the order of the files", () =>
  inTemporaryFolder(async (folder) => {
    // Around the chunk, around a task's size, and more small ones than one task takes.
    const sizes = [0, 1, 262_143, 262_144, 262_145, 17 * MIB, 5 * MIB, 16 * MIB, ...Array(600).fill(3)];
    const files = await writeFiles(folder, sizes);
    const expected = files.map(({ digest, sizeBytes }) => ({ digest, sizeBytes }));
    for (const options of [{}, always]) {
      const seen: number[] = [];
      const hashed = await hashFiles(files, {
        ...options,
        onProgress: ({ doneBytes, totalBytes }) => {
          assert.equal(totalBytes, sizes.reduce((sum, size) => sum + size));
          seen.push(doneBytes);
        },
      });
      assert.deepEqual(hashed.map(({ digest, sizeBytes }) => ({ digest, sizeBytes })), expected);
      assert.deepEqual(seen, seen.toSorted((a, b) => a - b));
      assert.equal(seen.at(-1), sizes.reduce((sum, size) => sum + size));
    }
    assert.deepEqual(await hashFiles([], always), []);
    await untilClosed(files[0]!.path);
  }));

Deno.test({
  name: "hashFiles() equals sha256sum",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.uint8Array({ maxLength: 700_000, size: "max" }), { minLength: 1, maxLength: 4 }),
          fc.boolean(),
          async (contents, inWorkers) => {
            const files = contents.map((bytes, i) => ({
              path: join(folder, `${i}`),
              sizeBytes: bytes.length,
            }));
            for (const [i, { path }] of files.entries()) await Deno.writeFile(path, contents[i]!);
            const { stdout } = await new Deno.Command("sha256sum", { args: files.map(({ path }) => path) })
              .output();
            const expected = new TextDecoder().decode(stdout).trim().split("\n").map((line) =>
              line.slice(0, 64)
            );
            const hashed = await hashFiles(files, inWorkers ? always : {});
            assert.deepEqual(hashed.map(({ digest }) => digest), expected);
          },
        ),
        { numRuns: 12 },
      );
    }),
});

Deno.test("hashFiles() names the file with a problem from a worker too", () =>
  inTemporaryFolder(async (folder) => {
    const [good] = await writeFiles(folder, [MIB]);
    const cases: readonly (readonly [string, string])[] = [
      [join(folder, "none"), "Cannot digest the artifact as there is no such file"],
      [folder, "Cannot digest the artifact as it is a folder, not a regular file"],
      ["/dev/zero", "Cannot digest the artifact as it is a device, pipe or socket, not a regular file"],
    ];
    for (const [path, message] of cases) {
      const bad = { path, sizeBytes: 5 };
      for (const options of [{}, always]) {
        await assert.rejects(() => hashFiles([good!, bad], options), {
          message,
          exitCode: 2,
          facts: [`path: ${path}`],
        });
      }
    }
  }));

Deno.test({
  name: "hashFiles() says that a file is unreadable when the disk refuses a read",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    // A regular file whose first page belongs to nobody: every read of it is an I/O error.
    const file = { path: "/proc/self/mem", sizeBytes: 1 };
    for (const options of [{}, always]) {
      await assert.rejects(() => hashFiles([file], options), (error: Error & { facts: string[] }) => {
        assert.equal(error.message, "Cannot digest the artifact as it is unreadable");
        assert.match(error.facts[1]!, /^reason: Input\/output error/);
        return true;
      });
    }
  },
});

Deno.test("digestFile() sees a file that grows, shrinks or is replaced while a worker reads it", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, "model.bin");
    const changes = [
      () => Deno.writeFileSync(path, new Uint8Array(10), { append: true }),
      () => Deno.truncateSync(path, 1_000),
      () => {
        Deno.writeFileSync(join(folder, "other"), new Uint8Array(10));
        Deno.renameSync(join(folder, "other"), path);
      },
      () => Deno.removeSync(path),
    ];
    for (const [i, change] of changes.entries()) {
      await writeSparse(path, 300 * MIB);
      let isChanged = false;
      const onProgress = () => {
        if (!isChanged) change();
        isChanged = true;
      };
      const message = i === 3 ? "Cannot digest the artifact as there is no such file" : CHANGED;
      await assert.rejects(() => digestFile(path, { onProgress }), { message });
      assert.ok(isChanged);
    }
  }));

Deno.test("digestFile() ends reading a file that grows as fast as it is read", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, "log");
    await Deno.writeFile(path, new Uint8Array(MIB));
    const onProgress = () => Deno.writeFileSync(path, new Uint8Array(MIB), { append: true });
    await assert.rejects(() => digestFile(path, { onProgress }), { message: CHANGED });
    assert.ok((await Deno.stat(path)).size < 10 * MIB);
  }));

Deno.test("digestFile() lets others have their turn while this thread hashes", () =>
  inTemporaryFolder(async (folder) => {
    const path = await writeSparse(join(folder, "a"), 100 * MIB);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await digestFile(path);
    clearInterval(timer);
    assert.ok(turns >= 2, `${turns}`);
  }));

Deno.test("digestFile() ends at once when the signal aborts, and no worker goes on reading", () =>
  inTemporaryFolder(async (folder) => {
    // More than a minute of work.
    const path = await writeSparse(join(folder, "huge"), 100_000 * MIB);
    for (const files of [1, 3]) {
      const controller = new AbortController();
      const start = performance.now();
      await assert.rejects(
        () =>
          hashFiles(Array(files).fill({ path, sizeBytes: 100_000 * MIB }), {
            signal: controller.signal,
            onProgress: () => controller.abort(new Error("enough")),
          }),
        { message: "enough" },
      );
      assert.ok(performance.now() - start < 10_000);
      await untilClosed(path);
    }
  }));

Deno.test("digestFile() ends at once when the signal aborts while this thread hashes", () =>
  inTemporaryFolder(async (folder) => {
    const path = await writeSparse(join(folder, "a"), 120 * MIB);
    const controller = new AbortController();
    const reason = new Error("enough");
    setTimeout(() => controller.abort(reason), 5);
    let last = 0;
    const options = {
      signal: controller.signal,
      onProgress: ({ doneBytes }: { doneBytes: number }) => last = doneBytes,
    };
    await assert.rejects(() => digestFile(path, options), reason);
    assert.ok(last < 120 * MIB);
    await assert.rejects(() => digestFile(path, { signal: controller.signal }), reason);
    await untilClosed(path);
  }));

Deno.test("hashFiles() ends all workers when one file has a problem", () =>
  inTemporaryFolder(async (folder) => {
    const path = await writeSparse(join(folder, "huge"), 100_000 * MIB);
    const bad = { path: join(folder, "none"), sizeBytes: 99_000 * MIB };
    await assert.rejects(() => hashFiles([{ path, sizeBytes: 100_000 * MIB }, bad]), {
      message: "Cannot digest the artifact as there is no such file",
    });
    await untilClosed(path);
  }));

Deno.test("digestFolder() hashes shards in workers and sees one that changes after it was read", () =>
  inTemporaryFolder(async (folder) => {
    for (let i = 0; i < 4; i++) await writeSparse(join(folder, `model-${i}.bin`), 50 * MIB);
    await Deno.writeFile(join(folder, "config.json"), new TextEncoder().encode("{}"));
    const { files, sizeBytes } = await digestFolder(folder);
    assert.deepEqual(files.map(({ path }) => path), [
      "config.json",
      ...[0, 1, 2, 3].map((i) => `model-${i}.bin`),
    ]);
    assert.deepEqual(
      new Set(files.slice(1).map(({ digest }) => digest)),
      new Set([sha256(new Uint8Array(50 * MIB))]),
    );
    assert.equal(sizeBytes, 200 * MIB + 2);

    const onProgress = ({ doneBytes, totalBytes }: { doneBytes: number; totalBytes: number }) => {
      if (doneBytes === totalBytes) {
        Deno.writeFileSync(join(folder, "config.json"), new TextEncoder().encode("[]\n"));
      }
    };
    await assert.rejects(() => digestFolder(folder, { onProgress }), { message: CHANGED });
  }));

Deno.test("hashFiles() hashes on this thread where no worker may start", () =>
  inTemporaryFolder(async (folder) => {
    const path = await writeSparse(join(folder, "model.bin"), 200 * MIB);
    const program = join(folder, "program.ts");
    const module = new URL("../../../lib/io/digest_file.ts", import.meta.url).href;
    await Deno.writeTextFile(
      program,
      `import { digestFile } from ${JSON.stringify(module)};\nconsole.log((await digestFile(${
        JSON.stringify(path)
      })).digest);\n`,
    );
    const config = new URL("../../../deno.json", import.meta.url).pathname;
    // May read the data, but not the worker's script.
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-lock",
        `--config=${config}`,
        "--no-prompt",
        `--allow-read=${folder}`,
        program,
      ],
    }).output();
    const expected = createHash("sha256");
    for (let i = 0; i < 200; i++) expected.update(new Uint8Array(MIB));
    assert.equal(
      new TextDecoder().decode(stdout).trim(),
      expected.digest("hex"),
      new TextDecoder().decode(stderr),
    );
  }));

/** No thread of this process has that file open any more, and no worker is left; one that is told to stop does so at its next chunk. */
async function untilClosed(path: string): Promise<void> {
  if (Deno.build.os !== "linux") return;
  const namesOf = (folder: string, nameOf: (entry: string) => string) =>
    [...Deno.readDirSync(folder)].map(({ name }) => {
      try {
        return nameOf(`${folder}/${name}`);
      } catch {
        // Gone since it was listed.
        return "";
      }
    });
  const isOpen = () => namesOf("/proc/self/fd", Deno.readLinkSync).includes(path);
  const threads = () => namesOf("/proc/self/task", (entry) => Deno.readTextFileSync(`${entry}/comm`));
  const deadline = performance.now() + 5_000;
  while (isOpen() || threads().some((name) => name.startsWith("worker-"))) {
    assert.ok(performance.now() < deadline, `left: ${threads().join("")}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
