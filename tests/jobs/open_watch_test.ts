import assert from "node:assert/strict";
import { lookAt } from "../../jobs/checks/check.ts";
import { collectDigest } from "../../jobs/collect_digest.ts";
import { openWatch } from "../../jobs/open_watch.ts";
import type { Observation } from "../../lib/core/observation.ts";
import { initialize } from "../../lib/runtime/initialize.ts";
import { openRuntime } from "../../lib/runtime/open_runtime.ts";
import { openStateStore } from "../../lib/runtime/open_state_store.ts";
import { parseConfig } from "../../lib/runtime/parse_config.ts";
import { systemClock } from "../../lib/runtime/system_clock.ts";
import { startChainFixture } from "../_fakes/chain_fixture.ts";

const signal = new AbortController().signal;
/** How full the disk of whoever runs this is, is none of a test's business. */
const withoutDisk = (seen: readonly Observation[]) => seen.filter(({ check }) => check !== "disk-space");
const noExpiries = () => Promise.resolve([]);

Deno.test("openWatch() looks at a real chain, and sees what happens to it", async (t) => {
  await using fixture = await startChainFixture(["--slots-in-an-epoch", "1"]);
  const { devnet, contract, folder } = fixture;
  const { origin } = await initialize({ folder });
  const owner = devnet.accounts[0]!.address;
  const config = parseConfig({
    folder,
    file: { origin },
    env: {
      RPC_URL: devnet.rpcUrl,
      CHAIN_ID: String(devnet.chainId),
      CONTRACT_ADDRESS: contract,
      POT_CONTRACT_OWNER: owner,
      PRIVATE_KEY: devnet.accounts[1]!.privateKey,
      POT_CONFIRMATIONS: "1",
    },
  });
  await using runtime = await openRuntime(config);
  await using state = await openStateStore(config);
  let nowMs = Date.now();
  const clock = { ...systemClock, now: () => nowMs };
  using watch = openWatch(runtime, { state, clock, expiries: noExpiries });
  const look = async () => {
    const seen = withoutDisk(await lookAt(watch.checks, { signal, now: clock.now }));
    return Object.fromEntries(seen.map((one) => [one.subject ?? one.check, one]));
  };
  const statuses = async () =>
    Object.entries(await look()).filter(([, { status }]) => status !== "ok").map(([name]) => name);

  await t.step("all is well at first", async () => {
    const seen = await look();
    assert.deepEqual(Object.keys(seen).sort(), [
      "balance",
      "clock-skew",
      "contract-code",
      "contract-owner",
      "contract-paused",
      "endpoint-1",
      "gas-price",
      "log-writable",
      "pending-age",
      "quorum",
      "success-rate",
    ]);
    assert.deepEqual(Object.entries(seen).filter(([, { status }]) => status !== "ok"), []);
    assert.equal(seen["contract-owner"]!.reason, "owned as expected");
    assert.equal(await watch.chain?.account(), devnet.accounts[1]!.address);
  });

  await t.step("a record that waits grows old, until it is anchored", async () => {
    await runtime.recorder.recordCheckpoint({ runId: "run-1", step: 1 });
    nowMs += 40 * 60_000;
    const { status, reason } = (await look())["pending-age"]!;
    assert.deepEqual([status, reason], ["degraded", "1 wait for an anchor, the oldest for 40 min"]);
    // A development node makes no blocks by itself, and that is nothing to tell.
    assert.deepEqual(await statuses(), ["pending-age"]);
    await runtime.recorder.anchorPending();
    assert.equal((await look())["pending-age"]!.reason, "everything is anchored");
    nowMs -= 40 * 60_000;
  });

  await t.step("what was spent gives the runway, and what was written is found again", async () => {
    const { reason, values } = (await look())["balance"]!;
    assert.match(reason, /ETH, enough for over 1000 days at the recent rate$/);
    assert.ok(values!["runwayDays"]! > 1_000);
    assert.deepEqual(await watch.chain!.checkRecent({ signal }), { checked: 1, mismatches: [] });
  });

  await t.step("the digest counts the day's records and anchors", async () => {
    const sources = {
      runtime,
      journal: watch.chain!.journal,
      currency: watch.currency,
      openProblems: () => Promise.resolve(["balance is low"]),
      now: clock.now,
    };
    const { headline, details } = await collectDigest(sources, { sinceMs: nowMs - 3_600_000, signal });
    assert.equal(headline, "1 record and 1 anchor in a day, 1 open problem");
    assert.match(details["records"]!, /^1: 1 (?:confirmed|final|anchored)$/);
    assert.match(details["cost"]!, /^0\.000\d+ ETH a day lately, /);
    assert.equal(details["problems"], "balance is low");
    const later = await collectDigest(sources, { sinceMs: nowMs + 3_600_000, signal });
    assert.match(later.headline, /^0 records and 0 anchors/);
  });

  await t.step("a paused contract, an empty account and gas above the cap are seen", async () => {
    await fixture.ownerCalls("pauseContract");
    await devnet.request("anvil_setBalance", [await watch.chain!.account(), "0x1"]);
    await devnet.request("anvil_setNextBlockBaseFeePerGas", ["0x174876e801"]);
    await devnet.request("evm_mine");
    assert.deepEqual((await statuses()).sort(), ["balance", "contract-paused", "gas-price"]);
    assert.equal((await look())["contract-paused"]!.status, "failed");
  });

  await t.step("the clock and the chain drifting apart is seen", async () => {
    nowMs -= 3_600_000;
    assert.equal((await look())["clock-skew"]!.status, "failed");
    nowMs += 3_600_000;
  });

  await t.step("a chain that is gone is unknown, but its endpoints have failed", async () => {
    await devnet[Symbol.asyncDispose]();
    const seen = await look();
    assert.equal(seen["quorum"]!.reason, "no endpoint answers");
    assert.equal(seen["endpoint-1"]!.status, "failed");
    for (const name of ["balance", "contract-code", "gas-price", "clock-skew"]) {
      assert.equal(seen[name]!.status, "unknown", name);
    }
    assert.equal(seen["log-writable"]!.status, "ok");
  });
});

Deno.test("openWatch() looks at disk and log alone where there is no chain", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { origin } = await initialize({ folder });
    const config = parseConfig({ folder, file: { origin }, env: {} });
    await using runtime = await openRuntime(config);
    await using state = await openStateStore(config);
    const soon = Date.now() + 86_400_000;
    using watch = openWatch(runtime, {
      state,
      clock: systemClock,
      expiries: () => Promise.resolve([{ name: "token ci", atMs: soon }]),
    });
    const all = await lookAt(watch.checks, { signal, now: systemClock.now });
    assert.match(all[0]!.reason, /^\d+\.\d GB free \(\d+ %\)$/);
    assert.deepEqual(withoutDisk(all).map(({ check, status }) => [check, status]), [
      ["log-writable", "ok"],
      ["pending-age", "ok"],
      ["expiry", "degraded"],
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
