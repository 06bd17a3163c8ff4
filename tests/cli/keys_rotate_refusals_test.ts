import assert from "node:assert/strict";
import { startDevnet } from "../../lib/chain/devnet.ts";
import { denoFiles } from "../../lib/io/deno_files.ts";
import {
  type KeyRotation,
  lockKeyRotation,
  readKeyRotations,
  writeKeyRotations,
} from "../../lib/runtime/key_rotation_file.ts";
import { createCli } from "../_fakes/cli_harness.ts";
import { refuses } from "../_fakes/refuses.ts";

Deno.test("pot keys rotate refuses what would lose a contract, a log or the right key", async (t) => {
  await using devnet = await startDevnet();
  const [first, next, other] = devnet.accounts;
  const env = {
    RPC_URL: devnet.rpcUrl,
    CHAIN_ID: "31337",
    POT_CONFIRMATIONS: "1",
    FIRST: first!.privateKey,
    NEXT: next!.privateKey,
    OTHER: other!.privateKey,
    POOR: "7a".repeat(32),
  };
  await using cli = await createCli({ env: { ...env, POT_KEY_SOURCE: "env:FIRST" } });
  await using stranger = await createCli({ env: { ...env, POT_KEY_SOURCE: "env:OTHER" } });
  const home = cli.path(".pot");
  const run = async (on: typeof cli, ...args: readonly string[]) => {
    const outcome = await on.run(...args, "--json");
    assert.equal(outcome.code, 0, outcome.err);
    return outcome.json;
  };
  const record = ["record", "validation", "--run", "r", "--step", "1", "--metric", "a=1"];
  await run(cli, "init", "--origin", "pot/rotation");
  const { deployment } = await run(cli, "contract", "deploy");
  const CONTRACT_ADDRESS = deployment.contractAddress as string;
  const rotate = ["keys", "rotate", "--to"];
  // The lock's file stays, and is no change below.
  for (const each of [cli, stranger]) (await lockKeyRotation(each.path(".pot"), denoFiles))[Symbol.dispose]();

  await t.step("an account that cannot pay, or that anchors another log", async () => {
    await refuses(cli, [...rotate, "env:POOR", "--transfer-ownership"], {
      code: 2,
      message: "Cannot hand the contract over as the new account cannot pay for accepting it",
    });
    const { code, err } = await cli.run(...rotate, "env:POOR", "--dry-run");
    assert.equal(code, 0, err);
    assert.match(err, /^0x\w+ has none of the chain's currency yet: until it has, it anchors nothing\n$/);
    await run(stranger, "init", "--origin", "pot/another");
    await run(stranger, ...record);
    assert.equal((await stranger.runWith({ CONTRACT_ADDRESS }, "anchor")).code, 0);
    await refuses(cli, [...rotate, "env:OTHER"], {
      code: 2,
      message: "Cannot rotate to the key as its account anchors another log",
    });
    await refuses(stranger, [...rotate, "env:NEXT", "--transfer-ownership"], {
      code: 2,
      env: { CONTRACT_ADDRESS },
      message: "Cannot offer the contract to another owner as the account does not own it",
    });
    assert.deepEqual(await readKeyRotations(home, denoFiles), { retired: [] });
  });

  const current: KeyRotation = {
    from: { address: first!.address, source: "env:FIRST" },
    to: { address: next!.address, source: "env:NEXT" },
    chainId: 31_337,
    isSweeping: false,
    isAnchoring: true,
    startedAt: "2026-01-31T00:00:00.000Z",
    step: "drain",
  };

  await t.step("two at once, another chain, another key, and other wishes than it began with", async () => {
    await writeKeyRotations(home, { current, retired: [] }, denoFiles);
    {
      using _lock = await lockKeyRotation(home, denoFiles);
      for (const args of [[], ["--abort"]]) {
        await refuses(cli, ["keys", "rotate", ...args], {
          code: 1,
          message: "Cannot take the lock as another process holds it",
        });
      }
    }
    for (const wish of ["--sweep", "--transfer-ownership"]) {
      await refuses(cli, ["keys", "rotate", wish], {
        code: 2,
        message: "Cannot begin the rotation as another one is under way",
      });
    }
    await refuses(cli, ["keys", "rotate"], {
      code: 2,
      env: { FIRST: other!.privateKey },
      message: "Cannot go on with the rotation as a key is not the one that it began with",
    });
    await writeKeyRotations(home, { current: { ...current, chainId: 1 }, retired: [] }, denoFiles);
    await refuses(cli, ["keys", "rotate"], {
      code: 2,
      message: "Cannot go on with the rotation as another chain is configured than it began on",
    });
    await writeKeyRotations(home, { current, retired: [] }, denoFiles);
    assert.equal((await cli.run("keys", "rotate")).code, 0);
  });

  await t.step("the old key, until it is taken back", async () => {
    await refuses(cli, [...rotate, "env:POOR"], {
      code: 2,
      message: "Cannot rotate from this key as this signing key was retired",
    });
    const back = await cli.runWith({ POT_KEY_SOURCE: "env:NEXT" }, ...rotate, "env:FIRST", "--reinstate");
    assert.equal(back.code, 0, back.err);
    const { retired } = await readKeyRotations(home, denoFiles);
    assert.deepEqual(retired.map(({ address }) => address), [next!.address]);
    await run(cli, ...record);
    await run(cli, "anchor");
  });
});
