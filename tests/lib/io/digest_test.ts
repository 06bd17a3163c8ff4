import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { digestFile } from "../../../lib/io/digest_file.ts";
import { digestFolder } from "../../../lib/io/digest_folder.ts";

const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");

Deno.test("digestFile() equals SHA-256 for sizes around its chunk, and reports progress", () =>
  inFolder(async (folder) => {
    for (const sizeBytes of [0, 1, 262_143, 262_144, 262_145, 1_000_003]) {
      const bytes = new Uint8Array(sizeBytes).map((_, i) => (i * 31) % 251);
      await Deno.writeFile(`${folder}/a`, bytes);
      const progress: number[] = [];
      const result = await digestFile(`${folder}/a`, {
        onProgress: ({ doneBytes, totalBytes }) => {
          assert.equal(totalBytes, sizeBytes);
          progress.push(doneBytes);
        },
      });
      assert.deepEqual(result, { digest: sha256(bytes), sizeBytes });
      assert.equal(progress.at(-1) ?? 0, sizeBytes);
    }
    assert.equal(
      (await digestFile(await write(`${folder}/abc`, "abc"))).digest,
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  }));

Deno.test("digestFile() says what is wrong with a path", () =>
  inFolder(async (folder) => {
    await assert.rejects(() => digestFile(`${folder}/none`), {
      message: "Cannot digest the artifact as there is no such file",
      exitCode: 2,
      facts: [`path: ${folder}/none`],
    });
    await assert.rejects(() => digestFile(folder), {
      message: "Cannot digest the artifact as it is a folder, not a regular file",
    });
    if (Deno.build.os === "windows") return;
    await assert.rejects(() => digestFile("/dev/zero"), {
      message: "Cannot digest the artifact as it is a device, pipe or socket, not a regular file",
    });
    await assert.rejects(() => digestFile(`${folder}/${"x".repeat(300)}`), {
      message: "Cannot digest the artifact as it is unreadable",
    });
  }));

Deno.test("digestFile() stops when the signal aborts", () =>
  inFolder(async (folder) => {
    await Deno.writeFile(`${folder}/a`, new Uint8Array(3_000_000));
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error("enough"));
    await assert.rejects(() => digestFile(`${folder}/a`, { signal: controller.signal, onProgress }), {
      message: "enough",
    });
  }));

Deno.test("digestFile() reports a file that grows, shrinks or is replaced while it is read", () =>
  inFolder(async (folder) => {
    const path = `${folder}/a`;
    const changes = [
      () => Deno.writeFileSync(path, new Uint8Array(10), { append: true }),
      () => Deno.truncateSync(path, 1_000_000),
      () => {
        Deno.writeFileSync(`${folder}/b`, new Uint8Array(2_000_000));
        Deno.renameSync(`${folder}/b`, path);
      },
    ];
    for (const change of changes) {
      await Deno.writeFile(path, new Uint8Array(2_000_000));
      let isChanged = false;
      const onProgress = () => {
        if (!isChanged) change();
        isChanged = true;
      };
      await assert.rejects(() => digestFile(path, { onProgress }), {
        message: "Cannot digest the artifact as it changed while it was read",
      });
    }
  }));

Deno.test("digestFolder() hashes a canonical manifest of every file below, in code unit order", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/b/c`, { recursive: true });
    await Deno.mkdir(`${folder}/empty`);
    await write(`${folder}/b/c/x`, "abc");
    await write(`${folder}/b!`, "");
    await write(`${folder}/B`, "B");
    await write(`${folder}/\u{10000}`, "astral");
    await write(`${folder}/\uffee`, "late in the plane");
    await Deno.symlink("c/x", `${folder}/b/link`);

    const { manifest, digest, sizeBytes, files } = await digestFolder(folder);
    const line = (path: string, content: string) =>
      `{"digest":"${sha256(content)}","path":"${path}","sizeBytes":${
        new TextEncoder().encode(content).length
      }}`;
    const expected = `{"files":[${
      [
        line("B", "B"),
        line("b!", ""),
        line("b/c/x", "abc"),
        line("b/link", "abc"),
        line("\u{10000}", "astral"),
        line("\uffee", "late in the plane"),
      ].join(",")
    }],"schema":"pot-manifest/1"}`;
    assert.equal(new TextDecoder().decode(manifest), expected);
    assert.equal(digest, sha256(manifest));
    assert.equal(sizeBytes, 30);
    assert.equal(files.length, 6);
    assert.deepEqual((await digestFolder(`${folder}/empty`)).files, []);
  }));

Deno.test("digestFolder() refuses links that leave it or lead to folders, and special files", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/in`);
    await write(`${folder}/outside`, "secret");
    const refusals: readonly (readonly [string, string])[] = [
      ["../outside", "Cannot digest the folder as it holds a link that leaves it"],
      ["..", "Cannot digest the folder as it holds a link that leaves it"],
      [".", "Cannot digest the folder as it holds a link to a folder"],
      ["nowhere", "Cannot digest the folder as there is no such folder, or a link in it leads nowhere"],
    ];
    for (const [target, message] of refusals) {
      await Deno.symlink(target, `${folder}/in/link`);
      await assert.rejects(() => digestFolder(`${folder}/in`), { message, exitCode: 2 });
      await Deno.remove(`${folder}/in/link`);
    }
    await assert.rejects(() => digestFolder(`${folder}/none`), { exitCode: 2 });
    if (Deno.build.os === "windows") return;
    await new Deno.Command("mkfifo", { args: [`${folder}/in/pipe`] }).output();
    await assert.rejects(() => digestFolder(`${folder}/in`), {
      message: "Cannot digest the folder as it holds a device, pipe or socket",
    });
  }));

Deno.test("digestFolder() reports a file that is added, removed or changed behind the reader", () =>
  inFolder(async (folder) => {
    const changes = [
      () => Deno.writeTextFileSync(`${folder}/c`, "new"),
      () => Deno.writeTextFileSync(`${folder}/a`, "changed"),
    ];
    for (const change of changes) {
      await write(`${folder}/a`, "first");
      await write(`${folder}/b`, "second");
      const onProgress = ({ doneBytes }: { doneBytes: number }) => {
        if (doneBytes === 11) change();
      };
      await assert.rejects(() => digestFolder(folder, { onProgress }), {
        message: "Cannot digest the artifact as it changed while it was read",
      });
      await Deno.remove(`${folder}/c`).catch(() => {});
    }
  }));

async function write(path: string, content: string): Promise<string> {
  await Deno.writeTextFile(path, content);
  return path;
}

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
