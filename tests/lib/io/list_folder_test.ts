import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { digestFolder } from "../../../lib/io/digest_folder.ts";
import { listFolder } from "../../../lib/io/list_folder.ts";
import { inTemporaryFolder } from "../../_fakes/temporary_folder.ts";

const isUnix = Deno.build.os !== "windows";

Deno.test({
  name: "listFolder() takes names as they are: newlines, dashes, both forms of an accent, in code unit order",
  ignore: !isUnix,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const names = ["-rf", "..data", ".hidden", "a\nb", "a b", "\u{10000}", "\uffee"];
      // File systems of macOS take both forms for one name.
      if (Deno.build.os === "linux") names.push("\u00e9", "e\u0301");
      for (const name of names) await Deno.writeTextFile(join(folder, name), name);
      const found = await listFolder(folder);
      assert.deepEqual(found.map(({ path }) => path), names.toSorted());
      const { files } = await digestFolder(folder);
      for (const { path, digest } of files) {
        assert.equal(digest, createHash("sha256").update(path).digest("hex"));
      }
    }),
});

Deno.test({
  name: "listFolder() refuses names that are no Unicode, also where one hides behind another",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const refused = {
        message: "Cannot digest the folder as a name in it is not valid Unicode",
        facts: [`folder: ${folder}`, "path: \ufffd"],
        hint: "rename the file",
        exitCode: 2,
      };
      // Deno itself cannot make such a name.
      await new Deno.Command("sh", { args: ["-c", `printf bytes > "$(printf '\\377')"`], cwd: folder })
        .output();
      await assert.rejects(() => listFolder(folder), refused);
      // This file has the name that the other one seems to have.
      await Deno.writeTextFile(join(folder, "\ufffd"), "a real replacement character");
      await assert.rejects(() => listFolder(folder), refused);
    }),
});

Deno.test(
  "listFolder() refuses links in a circle, and devices and sockets",
  { ignore: !isUnix },
  () =>
    inTemporaryFolder(async (folder) => {
      await Deno.symlink("b", join(folder, "a"));
      await Deno.symlink("a", join(folder, "b"));
      await assert.rejects(() => listFolder(folder), (error: Error & { facts: string[] }) => {
        assert.equal(error.message, "Cannot digest the folder as it holds a link that leads in a circle");
        assert.match(error.facts[1]!, /^path: [ab]$/);
        return true;
      });
      await Deno.remove(join(folder, "a"));
      await Deno.remove(join(folder, "b"));

      await Deno.mkdir(join(folder, "sub"));
      await Deno.symlink("..", join(folder, "sub", "up"));
      await assert.rejects(() => listFolder(folder), {
        message: "Cannot digest the folder as it holds a link to a folder",
        facts: [`folder: ${folder}`, "path: sub/up"],
      });
      await Deno.remove(join(folder, "sub", "up"));

      await Deno.symlink("/dev/null", join(folder, "sub", "null"));
      await assert.rejects(() => listFolder(folder), {
        message: "Cannot digest the folder as it holds a link that leaves it",
      });
      await Deno.remove(join(folder, "sub", "null"));

      using _socket = Deno.listen({ transport: "unix", path: join(folder, "sub", "socket") });
      await assert.rejects(() => listFolder(folder), {
        message: "Cannot digest the folder as it holds a device, pipe or socket",
        facts: [`folder: ${folder}`, "path: sub/socket"],
      });
    }),
);

Deno.test("digestFolder() takes 5 000 tiny files in bounded time", () =>
  inTemporaryFolder(async (folder) => {
    for (let i = 0; i < 5_000; i++) {
      if (i % 100 === 0) Deno.mkdirSync(join(folder, `${i / 100}`));
      Deno.writeTextFileSync(join(folder, `${Math.floor(i / 100)}`, `${i}`), `${i}`);
    }
    const start = performance.now();
    const { files, sizeBytes } = await digestFolder(folder);
    assert.ok(performance.now() - start < 10_000);
    assert.equal(files.length, 5_000);
    assert.equal(
      sizeBytes,
      Array.from({ length: 5_000 }, (_, i) => `${i}`.length).reduce((sum, n) => sum + n),
    );
    assert.equal(
      files.find(({ path }) => path === "49/4999")!.digest,
      createHash("sha256").update("4999").digest("hex"),
    );
  }));

Deno.test("digestFolder() ends when the signal aborts while it lists", () =>
  inTemporaryFolder(async (folder) => {
    for (let i = 0; i < 200; i++) Deno.writeTextFileSync(join(folder, `${i}`), "x");
    const controller = new AbortController();
    const reason = new Error("enough");
    queueMicrotask(() => controller.abort(reason));
    await assert.rejects(() => digestFolder(folder, { signal: controller.signal }), reason);
  }));
