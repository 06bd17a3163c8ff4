import assert from "node:assert/strict";
import { join } from "node:path";
import type { PotError } from "../../../lib/core/errors.ts";
import { createLogKey, openLogKey } from "../../../lib/runtime/log_key.ts";

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("createLogKey() writes a key that only its owner may read, and openLogKey() opens it", () =>
  inFolder(async (folder) => {
    const home = join(folder, "a", "b");
    const verifierKey = await createLogKey(home, "pot/test");
    if (Deno.build.os !== "windows") {
      assert.equal((await Deno.stat(join(home, "log.key"))).mode! & 0o777, 0o600);
    }
    assert.match(verifierKey, /^pot\/test\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$/);
    const signer = await openLogKey(home);
    assert.deepEqual([signer.name, signer.verifierKey], ["pot/test", verifierKey]);
  }));

Deno.test("createLogKey() keeps the key that is there, whatever name is asked for", () =>
  inFolder(async (home) => {
    const verifierKey = await createLogKey(home, "pot/first");
    const before = await Deno.readFile(join(home, "log.key"));
    assert.equal(await createLogKey(home, "pot/second"), verifierKey);
    assert.deepEqual(await Deno.readFile(join(home, "log.key")), before);
  }));

Deno.test("openLogKey() says how to make a log where there is none, and makes nothing", () =>
  inFolder(async (folder) => {
    const home = join(folder, "none");
    await assert.rejects(openLogKey(home), {
      name: "UsageError",
      message: "Cannot open the log as there is none here yet",
      facts: [`home: ${home}`],
      hint: "make one with: pot init",
    });
    assert.deepEqual(await Array.fromAsync(Deno.readDir(folder)), []);
  }));

Deno.test("openLogKey() never shows any of a damaged key", () =>
  inFolder(async (home) => {
    await createLogKey(home, "pot/test");
    const path = join(home, "log.key");
    const key = (await Deno.readTextFile(path)).trim();
    const base64 = key.split("+").slice(4).join("+");
    const damaged = [
      "",
      key.slice(0, -1),
      key.slice(0, -4),
      `${key}A`,
      key.toLowerCase(),
      base64,
      `x${key}`,
      "\xff",
    ];
    for (const text of damaged) {
      await Deno.writeTextFile(path, text);
      await assert.rejects(openLogKey(home), (error: PotError) => {
        assert.equal(error.message, "Cannot open the log as its key file does not hold a key");
        assert.equal(error.exitCode, 2);
        assert.equal(error.cause, undefined);
        assert.ok(!JSON.stringify([error.facts, error.hint, error.stack]).includes(base64.slice(0, 12)));
        return true;
      }, text);
    }
    await Deno.writeTextFile(path, `${key}\r\n`);
    assert.equal((await openLogKey(home)).name, "pot/test");
  }));
