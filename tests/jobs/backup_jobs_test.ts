import assert from "node:assert/strict";
import { join } from "node:path";
import { openJobs } from "../../jobs/open_jobs.ts";
import { openRuntime } from "../../lib/runtime/open_runtime.ts";
import { parseConfig } from "../../lib/runtime/parse_config.ts";
import { initialize } from "../../lib/runtime/initialize.ts";
import { startChainFixture } from "../_fakes/chain_fixture.ts";
import { inTemporaryFolder } from "../_fakes/temporary_folder.ts";

Deno.test("the jobs backup and restore-drill make a backup, and hold what it restores against the chain", async () => {
  await using chain = await startChainFixture();
  await inTemporaryFolder(async (folder) => {
    const { origin } = await initialize({ folder });
    const configOn = (rpcUrl: string) =>
      parseConfig({
        folder,
        env: {
          RPC_URL: rpcUrl,
          CHAIN_ID: String(chain.devnet.chainId),
          CONTRACT_ADDRESS: chain.contract,
          PRIVATE_KEY: chain.devnet.accounts[1]!.privateKey,
          POT_CONFIRMATIONS: "1",
          POT_BACKUP_TARGETS: `good=${join(folder, "backups")},bad=/proc/no/such/folder`,
          POT_BACKUP_KEEP: "last=1",
        },
        file: { origin },
      });
    const config = configOn(chain.devnet.rpcUrl);
    await using runtime = await openRuntime(config);
    await using opened = await openJobs(runtime);
    const run = async (name: string, { jobs }: Pick<typeof opened, "jobs"> = opened) => {
      const job = jobs.find((one) => one.name === name)!;
      return (await job.job.run(AbortSignal.timeout(60_000))).observations!;
    };
    const anchor = async (step: number) => {
      await runtime.recorder.recordCheckpoint({ runId: "r", step, metrics: { loss: 1 / step } });
      await runtime.recorder.anchorPending();
      await chain.devnet.request("anvil_mine", ["0x50"]);
      await runtime.recorder.refreshAnchors();
    };

    const none = await run("restore-drill");
    assert.deepEqual([none[0]!.check, none[0]!.status], ["restore-drill", "unknown"]);

    for (const step of [1, 2, 3]) await anchor(step);
    const made = await run("backup");
    assert.deepEqual(made.map(({ check, subject, status }) => [check, subject, status]), [
      ["backup", "good", "ok"],
      ["backup", "bad", "failed"],
    ]);
    assert.ok(made[0]!.values!["ageMs"]! < 60_000);
    assert.match(made[0]!.reason, /^verified by its content; its newest verified one is 0 h old$/);

    // What was anchored since is no mismatch.
    await anchor(4);
    const [drill] = await run("restore-drill");
    assert.deepEqual([drill!.status, drill!.reason], ["ok", "3 records restored from good, nothing found"]);
    assert.equal(drill!.details!["chain"], "4 anchors and 0 stored hashes of ours, both ways");
    assert.deepEqual(
      (await Array.fromAsync(Deno.readDir(join(config.home, "backup-work")))).map(({ name }) => name)
        .toSorted(),
      ["drill.lock", "work.lock"],
    );

    // The same contract on a chain that does not have what was anchored.
    {
      await using other = await startChainFixture();
      assert.equal(other.contract, chain.contract);
      await other.devnet.request("anvil_mine", ["0x200"]);
      await using elsewhere = await openRuntime(configOn(other.devnet.rpcUrl));
      await using jobs = await openJobs(elsewhere);
      const [differs] = await run("restore-drill", jobs);
      assert.equal(differs!.status, "failed", differs!.reason);
      assert.match(differs!.reason, /^what was restored has findings: anchor-missing-on-chain/);
    }

    // A backup that cannot be restored.
    const [name] = (await Array.fromAsync(Deno.readDir(join(folder, "backups")))).map(({ name }) => name)
      .filter((name) => name.endsWith(".tar.gz"));
    const bytes = await Deno.readFile(join(folder, "backups", name!));
    bytes[bytes.length >> 1]! ^= 1;
    await Deno.writeFile(join(folder, "backups", name!), bytes);
    const [damaged] = await run("restore-drill");
    assert.equal(damaged!.status, "failed");
    assert.match(damaged!.reason, /^Cannot use the backup as it is damaged; found: /);
  });
});
