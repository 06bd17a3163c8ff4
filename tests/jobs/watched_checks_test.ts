import assert from "node:assert/strict";
import { createWatchedChecks } from "../../jobs/watched_checks.ts";
import { parseConfig } from "../../lib/runtime/parse_config.ts";
import { UNSERVED_CHAIN } from "../_fakes/installation.ts";

const NAMES = ["anchor", "health", "cost", "transactions", "audit", "backup", "watchdog"];
const all = () => NAMES.map((name) => ({ name, isEnabled: true }));
const configOf = (env: Readonly<Record<string, string>>) =>
  parseConfig({ folder: "/nowhere", env, file: { origin: "pot/test" } });

Deno.test("createWatchedChecks() knows what nobody looks at any more", () => {
  const isWatched = createWatchedChecks(configOf(UNSERVED_CHAIN), all);
  for (
    const [check, subject] of [
      ["endpoint", "endpoint-1"],
      ["quorum", ""],
      ["balance", ""],
      ["expiry", "certificate of endpoint-1"],
      ["expiry", "token ci"],
      ["job", "anchor"],
      ["cost", "day"],
      ["channel", "slack"],
      ["whatever", "of a library's user"],
    ] as const
  ) {
    assert.ok(isWatched(check, subject), `${check} ${subject}`);
  }
  for (
    const [check, subject] of [
      ["endpoint", "endpoint-2"],
      ["expiry", "certificate of endpoint-2"],
      ["expiry", "pinned certificate 1"],
      ["job", "digest"],
      ["restore-drill", ""],
      ["backup", "a target that was taken out"],
    ] as const
  ) {
    assert.ok(!isWatched(check, subject), `${check} ${subject}`);
  }
});

Deno.test("createWatchedChecks() lets go of what a job saw that is switched off", () => {
  const jobs = () => all().map((job) => ({ ...job, isEnabled: job.name !== "health" }));
  const isWatched = createWatchedChecks(configOf(UNSERVED_CHAIN), jobs);
  assert.ok(!isWatched("disk-space", ""));
  assert.ok(!isWatched("job", "health"));
  assert.ok(isWatched("audit", ""));
});

Deno.test("createWatchedChecks() lets go of the chain where there is none, and of the account where nothing signs", () => {
  const local = createWatchedChecks(configOf({}), all);
  assert.deepEqual(
    ["quorum", "balance", "reconciliation", "disk-space", "audit"].map((check) => local(check, "")),
    [
      false,
      false,
      false,
      true,
      true,
    ],
  );
  const { PRIVATE_KEY: _, ...env } = UNSERVED_CHAIN;
  const reading = createWatchedChecks(configOf(env), all);
  assert.deepEqual(["quorum", "balance", "success-rate"].map((check) => reading(check, "")), [
    true,
    false,
    false,
  ]);
});
