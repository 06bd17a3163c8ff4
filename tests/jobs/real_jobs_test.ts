import assert from "node:assert/strict";
import { openJobs } from "../../jobs/open_jobs.ts";
import { startChainFixture } from "../_fakes/chain_fixture.ts";
import { openInstallation } from "../_fakes/installation.ts";

Deno.test("openJobs() has jobs that all go well on a real chain, again and again", async () => {
  await using chain = await startChainFixture(["--slots-in-an-epoch", "1"]);
  const env = {
    RPC_URL: chain.devnet.rpcUrl,
    CHAIN_ID: String(chain.devnet.chainId),
    CONTRACT_ADDRESS: chain.contract,
    PRIVATE_KEY: chain.devnet.accounts[1]!.privateKey,
    POT_CONFIRMATIONS: "1",
  };
  await using installation = await openInstallation({ env });
  await using opened = await openJobs(installation.runtime);
  const { recorder } = installation.runtime;
  const { signal } = new AbortController();
  const summaries = new Map<string, string[]>();
  for (let step = 1; step <= 3; step++) {
    await recorder.recordCheckpoint({ runId: "r", step });
    for (const { name, job } of opened.jobs) {
      const { summary, observations = [], occurrences = [] } = await job.run(signal);
      assert.ok(summary.length > 0, name);
      // What rules weigh has names that they know by.
      for (const { check } of observations) assert.match(check, /^[a-z][a-z0-9-]*$/);
      await opened.alerts.observe({ observations, occurrences });
      summaries.set(name, [...summaries.get(name) ?? [], summary]);
    }
  }
  assert.deepEqual(summaries.get("anchor")!.map((summary) => summary.slice(0, 18)), [
    "anchored 1 records",
    "anchored 1 records",
    "anchored 1 records",
  ]);
  assert.equal(summaries.size, opened.jobs.length);
});
