import assert from "node:assert/strict";
import { join } from "node:path";
import { verifyCheckpointNote } from "../../../lib/core/checkpoint_note.ts";
import { initialize } from "../../../lib/runtime/initialize.ts";
import { openRuntime } from "../../../lib/runtime/open_runtime.ts";
import { parseConfig } from "../../../lib/runtime/parse_config.ts";
import { openLogKeyring } from "../../../lib/runtime/log_keyring.ts";
import { rotateLogKey } from "../../../lib/runtime/rotate_log_key.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { parseProof } from "../../../lib/verify/parse_proof.ts";
import { verifyProof } from "../../../lib/verify/verify_proof.ts";

const PROCESS = new URL("log_key_process.ts", import.meta.url).pathname;

Deno.test("a process that has the log open signs with the new key once another one has rotated it", async () => {
  const folder = await Deno.makeTempDir();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", PROCESS, folder],
    stdin: "piped",
    stdout: "piped",
  });
  try {
    await initialize({ folder, chain: "local" });
    const process = child.spawn();
    const input = process.stdin.getWriter();
    const output = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const readLine = async () => {
      let line = "";
      while (!line.endsWith("\n")) line += (await output.read()).value!;
      return line;
    };
    const proveStep = async (step: number) => {
      await input.write(new TextEncoder().encode(String(step)));
      return parseProof(await readLine());
    };
    assert.equal(await readLine(), "open\n");
    const before = await proveStep(1);

    const config = parseConfig({ folder, env: {} });
    {
      await using runtime = await openRuntime(config);
      await rotateLogKey(config.home, runtime.log, { files: denoFiles });
    }
    const after = await proveStep(2);
    await input.close();
    await output.cancel();
    assert.ok((await process.status).success);

    const keys = await (await openLogKeyring(config.home, { files: denoFiles })).keys();
    const [old = "", next = ""] = keys.map(({ verifierKey }) => verifierKey);
    const { size, checkpoint } = after.anchors[0]!;
    assert.deepEqual([before.anchors[0]!.size, size], [1n, 2n]);
    assert.deepEqual([before.logKeys, after.logKeys], [[old], [next, old]]);
    assert.equal(await verifyCheckpointNote(checkpoint, next), true);
    assert.equal(await verifyCheckpointNote(checkpoint, old), false);
    // What the retired key signed holds as well as what the new one did, by the set and by the proof's own keys.
    for (const proof of [before, after]) {
      for (const options of [{ logKeys: keys }, {}]) {
        assert.equal((await verifyProof(proof, options)).ok, true);
      }
    }
    await Deno.stat(join(config.home, "log-keys.jsonl"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
