import assert from "node:assert/strict";
import { securityJob } from "../../../jobs/security_job.ts";
import { createAuthenticator } from "../../../lib/access/authenticator.ts";
import { compareContract, type NotedContract } from "../../../lib/access/contract_watch.ts";
import { createRpcMeter } from "../../../lib/chain/rpc_meter.ts";
import {
  parseSecurityState,
  readSecurityOccurrences,
  type SecuritySources,
  type SecurityState,
} from "../../../lib/access/read_security_occurrences.ts";
import { EXPECTED_METHODS, type RpcNotes, watchRpcCalls } from "../../../lib/access/rpc_watch.ts";
import type { TrailLine } from "../../../lib/access/trail_line.ts";
import { trailOccurrences } from "../../../lib/access/trail_occurrences.ts";
import { DEFAULT_RULES } from "../../../lib/alerts/default_rules.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { openFileStateStore } from "../../../lib/io/file_state_store.ts";
import { type AccessFixture, createAccess } from "../../_fakes/access_fixture.ts";

const MINUTE_MS = 60_000;
const signal = new AbortController().signal;
const ZERO = `0x${"0".repeat(40)}`;
const [ALICE, MALLORY] = [`0x${"a".repeat(40)}`, `0x${"b".repeat(40)}`];

function look(
  { home, clock }: AccessFixture,
  before?: SecurityState,
  more: Partial<SecuritySources> = {},
) {
  return readSecurityOccurrences({ home, files: denoFiles, nowMs: clock.now(), signal, ...more }, before);
}

const namesOf = (occurrences: readonly { readonly name: string }[]) => occurrences.map(({ name }) => name);

Deno.test("readSecurityOccurrences() tells a refused permission and a failed authentication once", async () => {
  await using access = await createAccess();
  assert.deepEqual((await look(access)).occurrences, []);
  const gate = access.gateOf({ name: "ci", role: "recorder", tokenId: "0123abcd" });
  await gate.perform("record.append", "", () => Promise.resolve());
  await assert.rejects(gate.check("anchor.send", "size 7"));
  await assert.rejects(createAuthenticator(access).authenticate("nonsense", "192.0.2.7"));
  const first = await look(access);
  assert.deepEqual(first.occurrences, [
    {
      id: `permission-refused:2:${access.clock.now()}`,
      name: "permission-refused",
      subject: "ci",
      detail: "ci (recorder) was refused anchor.send (size 7)",
      atMs: access.clock.now(),
    },
    {
      id: `authentication-failed:3:${access.clock.now()}`,
      name: "authentication-failed",
      subject: "192.0.2.7",
      detail: "an access token was not accepted: malformed from 192.0.2.7",
      atMs: access.clock.now(),
    },
  ]);
  assert.deepEqual((await look(access, first.state)).occurrences, []);
  // Read again from the beginning, they are the same ones.
  assert.deepEqual((await look(access)).occurrences, first.occurrences);
  await assert.rejects(gate.check("keys.new"));
  const state = parseSecurityState(new TextEncoder().encode(JSON.stringify(first.state)));
  assert.deepEqual(namesOf((await look(access, state)).occurrences), ["permission-refused"]);
});

Deno.test("readSecurityOccurrences() tells a burst of failed authentications from one source", async () => {
  await using access = await createAccess();
  const authenticator = createAuthenticator(access);
  const fail = (source: string) => assert.rejects(authenticator.authenticate("x", source));
  let state: SecurityState | undefined;
  const bursts: string[] = [];
  const lookAgain = async () => {
    const news = await look(access, state);
    state = news.state;
    bursts.push(
      ...news.occurrences.filter(({ name }) => name === "authentication-burst").map(({ detail }) => detail),
    );
  };
  // Spread over sources, and over time, it is no burst.
  for (let i = 0; i < 9; i++) {
    await fail("192.0.2.7");
    await fail(`198.51.100.${i}`);
  }
  await lookAgain();
  access.clock.advance(5 * MINUTE_MS);
  await fail("192.0.2.7");
  await lookAgain();
  assert.deepEqual(bursts, []);
  access.clock.advance(20 * MINUTE_MS);
  for (let i = 0; i < 5; i++) await fail("192.0.2.9");
  await lookAgain();
  access.clock.advance(MINUTE_MS);
  for (let i = 0; i < 5; i++) await fail("192.0.2.9");
  await lookAgain();
  assert.deepEqual(bursts, ["10 access tokens from 192.0.2.9 were not accepted within 1 min"]);
});

Deno.test("trailOccurrences() counts lines that stand for several", () => {
  const line = (sequence: number, count: number): TrailLine => ({
    schema: "pot-access/1",
    sequence,
    at: "2026-01-31T12:00:00.000Z",
    principal: { name: "unknown" },
    verb: "authenticate",
    subject: "malformed from 192.0.2.7",
    outcome: "refused",
    count,
    previous: "0".repeat(64),
  });
  const { occurrences, recent } = trailOccurrences([line(11, 6), line(12, 16)]);
  assert.deepEqual(namesOf(occurrences), [
    "authentication-failed",
    "authentication-failed",
    "authentication-burst",
  ]);
  assert.match(occurrences[1]!.detail, /^16 access tokens were not accepted: malformed from 192\.0\.2\.7$/);
  assert.deepEqual(recent, []);
});

Deno.test("readSecurityOccurrences() tells that a trail became shorter, and goes on with what is new", async () => {
  await using access = await createAccess();
  const gate = access.gateOf({ name: "ci", role: "viewer" });
  for (let i = 0; i < 3; i++) await assert.rejects(gate.check("keys.new"));
  const { state } = await look(access);
  access.clock.advance(MINUTE_MS);
  const path = `${access.home}/access.jsonl`;
  const [first] = (await Deno.readTextFile(path)).split("\n");
  await Deno.writeTextFile(path, `${first}\n`);
  await assert.rejects(gate.check("tokens.new"));
  const cut = await look(access, state);
  assert.deepEqual(namesOf(cut.occurrences), ["access-trail-cut", "permission-refused"]);
  assert.match(cut.occurrences[1]!.detail, /tokens\.new/);
  assert.deepEqual((await look(access, cut.state)).occurrences, []);
});

Deno.test("readSecurityOccurrences() waits for the rest of a line, and leaves old ones alone", async () => {
  await using access = await createAccess();
  const gate = access.gateOf({ name: "ci", role: "viewer" });
  await assert.rejects(gate.check("keys.new"));
  const path = `${access.home}/access.jsonl`;
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, text.slice(0, -20));
  const half = await look(access);
  assert.deepEqual([half.occurrences, half.state.trail.offset], [[], 0]);
  await Deno.writeTextFile(path, text);
  assert.deepEqual(namesOf((await look(access, half.state)).occurrences), ["permission-refused"]);
  access.clock.advance(25 * 60 * MINUTE_MS);
  assert.deepEqual((await look(access)).occurrences, []);
});

Deno.test("readSecurityOccurrences() tells that another trail stands in the place of the one it knew", async () => {
  await using access = await createAccess();
  const gate = access.gateOf({ name: "ci", role: "viewer" });
  await assert.rejects(gate.check("keys.new"));
  const { state } = await look(access);
  await Deno.remove(`${access.home}/access.jsonl`);
  access.clock.advance(MINUTE_MS);
  for (let i = 0; i < 3; i++) await assert.rejects(gate.check("tokens.new"));
  const replaced = await look(access, state);
  assert.deepEqual(namesOf(replaced.occurrences).slice(0, 2), ["access-trail-cut", "permission-refused"]);
  assert.match(replaced.occurrences[0]!.detail, /begins with another line than before: run pot log audit/);
  assert.deepEqual((await look(access, replaced.state)).occurrences, []);
});

Deno.test("readSecurityOccurrences() reads its own trail where daemons with homes of their own take turns", async () => {
  await using one = await createAccess();
  await using two = await createAccess();
  const viewer = { name: "ci", role: "viewer" } as const;
  for (let i = 0; i < 3; i++) await assert.rejects(one.gateOf(viewer).check("keys.new"));
  two.clock.advance(MINUTE_MS);
  await assert.rejects(two.gateOf(viewer).check("tokens.new"));
  const calls = (count: number) => ({
    isShared: true,
    rpcCalls: () => [{ endpoint: "e", calls: { eth_call: count } }],
  });
  const first = await look(one, undefined, calls(9));
  const second = await look(two, first.state, calls(90_000));
  assert.deepEqual(second.occurrences.map(({ detail }) => detail), [
    "ci (viewer) was refused tokens.new",
  ]);
  assert.deepEqual(second.state.rpc["e"]!.rates, [], "another process has counted those");
  const third = await look(one, second.state, calls(10));
  assert.deepEqual(namesOf(third.occurrences), namesOf(first.occurrences));
  assert.deepEqual(third.occurrences.map(({ id }) => id), first.occurrences.map(({ id }) => id));
  // A home that has no trail yet.
  await Deno.remove(`${two.home}/access.jsonl`);
  assert.deepEqual((await look(two, third.state, calls(1))).occurrences, []);
});

Deno.test("every occurrence that tells of unusual activity has a built-in rule", async () => {
  const root = new URL("../../../lib/access/", import.meta.url);
  const told = new Set<string>();
  for (const name of ["contract_watch", "read_security_occurrences", "rpc_watch", "trail_occurrences"]) {
    const text = await Deno.readTextFile(new URL(`${name}.ts`, root));
    for (const [, occurrence] of text.matchAll(/\bname: "([a-z]+(?:-[a-z]+)+)"/g)) told.add(occurrence!);
  }
  assert.equal(told.size, 11, [...told].join(" "));
  const ruled = new Set(DEFAULT_RULES.map(({ occurrence }) => occurrence));
  assert.deepEqual([...told].filter((name) => !ruled.has(name)), []);
});

Deno.test("compareContract() tells a change that no command here made", () => {
  const noted: NotedContract = {
    contract: "0xC0",
    owner: ALICE,
    pendingOwner: ZERO,
    isPaused: false,
    successor: ZERO,
    codeHash: "0x1",
    sinceMs: 5,
  };
  const found = {
    ...noted,
    owner: MALLORY,
    pendingOwner: MALLORY,
    isPaused: true,
    successor: MALLORY,
    codeHash: "0x2",
  };
  const nowMs = 1e9;
  const all = compareContract(noted, found, { actions: [], nowMs });
  assert.deepEqual(namesOf(all.occurrences), [
    "contract-owner-changed",
    "contract-offered",
    "contract-pause-changed",
    "contract-retired",
    "contract-code-changed",
  ]);
  assert.equal(
    all.occurrences[0]!.detail,
    `the contract changed its owner from ${ALICE} to ${MALLORY}, and no command here did that`,
  );
  assert.equal(all.occurrences[0]!.id, `contract-owner-changed:5:${MALLORY}`);
  assert.deepEqual(compareContract(all.noted, found, { actions: [], nowMs }).occurrences, []);

  const explained = (verb: string, atMs = nowMs - MINUTE_MS) =>
    namesOf(compareContract(noted, found, { actions: [{ verb, atMs }], nowMs }).occurrences);
  assert.ok(!explained("contract.accept").includes("contract-owner-changed"));
  assert.ok(explained("contract.pause").includes("contract-owner-changed"));
  assert.ok(!explained("contract.pause").includes("contract-pause-changed"));
  assert.ok(explained("contract.pause", nowMs - 3 * 60 * MINUTE_MS).includes("contract-pause-changed"));
  assert.ok(explained("contract.migrate").includes("contract-code-changed"));

  // Another contract is only noted, and so is what it did not say before.
  assert.deepEqual(
    compareContract(noted, { ...found, contract: "0xC1" }, { actions: [], nowMs }).occurrences,
    [],
  );
  const silent = compareContract(noted, { contract: "0xc0" }, { actions: [], nowMs });
  assert.deepEqual([silent.occurrences, silent.noted.owner, silent.noted.sinceMs], [[], ALICE, 5]);
});

Deno.test("readSecurityOccurrences() looks at the contract every five minutes, and knows what was done here", async () => {
  await using access = await createAccess();
  let owner = ALICE;
  let isPaused = false;
  let asked = 0;
  const contract = () => {
    asked++;
    return Promise.resolve({ contract: "0xC0", owner, isPaused });
  };
  let { state } = await look(access, undefined, { contract });
  access.clock.advance(4 * MINUTE_MS);
  ({ state } = await look(access, state, { contract }));
  assert.equal(asked, 1);
  await access.gateOf({ name: "local", role: "admin" }).perform("contract.pause", "", () => {
    isPaused = true;
    return Promise.resolve();
  });
  owner = MALLORY;
  access.clock.advance(MINUTE_MS);
  const news = await look(access, state, { contract });
  assert.deepEqual(namesOf(news.occurrences), ["contract-owner-changed"]);
  access.clock.advance(5 * MINUTE_MS);
  const silent = await look(access, news.state, {
    contract: () => Promise.reject(new Error("nobody answers")),
  });
  assert.deepEqual([silent.occurrences, silent.state.contract], [[], news.state.contract]);
});

Deno.test("watchRpcCalls() tells a rate out of pattern once an hour, and a method that is never called", () => {
  const meter = createRpcMeter();
  const call = (count: number, method = "eth_call") => {
    for (let i = 0; i < count; i++) meter.count("https://rpc.example", method);
  };
  let notes: RpcNotes = {};
  let nowMs = 3_600_000 * 500_000;
  const told: string[] = [];
  const lookAgain = () => {
    const seen = watchRpcCalls(notes, meter.totals(), nowMs);
    notes = seen.notes;
    told.push(...seen.occurrences.map(({ detail, id }) => `${id.split(":")[0]} ${detail}`));
    nowMs += MINUTE_MS;
  };
  lookAgain();
  for (let i = 0; i < 40; i++) {
    call(20 + i % 5);
    lookAgain();
  }
  assert.deepEqual(told, []);
  call(70);
  lookAgain();
  assert.deepEqual(told, [], "more than usual, but nothing to speak of");
  call(900);
  lookAgain();
  assert.deepEqual(told, ["rpc-rate-unusual 900 calls a minute at https://rpc.example, usual are 22"]);
  call(1, "debug_traceTransaction");
  lookAgain();
  lookAgain();
  assert.deepEqual(told.slice(1), [
    "rpc-method-unexpected debug_traceTransaction was called at https://rpc.example, which this program never does",
  ]);
  // A new process counts from nothing.
  const anew = watchRpcCalls(notes, [{ endpoint: "https://rpc.example", calls: { eth_call: 25 } }], nowMs);
  assert.deepEqual(anew.occurrences, []);
  assert.equal(anew.notes["https://rpc.example"]!.rates.at(-1), 25);
  const ids = new Set(
    [0, 1].map((minute) =>
      watchRpcCalls(notes, [{ endpoint: "https://rpc.example", calls: { eth_call: 99_999 } }], nowMs + minute)
        .occurrences.map(({ id }) => id).join()
    ),
  );
  assert.equal(ids.size, 1);
});

Deno.test("EXPECTED_METHODS has every method that the program calls", async () => {
  const root = new URL("../../../", import.meta.url).pathname;
  const called = new Set<string>();
  const walk = async (folder: string) => {
    for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
      const path = `${folder}/${name}`;
      if (isDirectory) await walk(path);
      else if (isFile && name.endsWith(".ts") && name !== "rpc_watch.ts") {
        for (const [, method] of (await Deno.readTextFile(path)).matchAll(/"(eth_[A-Za-z]+)"/g)) {
          called.add(method!);
        }
      }
    }
  };
  for (const folder of ["lib", "jobs"]) await walk(`${root}${folder}`);
  assert.deepEqual([...called].filter((method) => !EXPECTED_METHODS.has(method)), []);
  assert.deepEqual([...EXPECTED_METHODS].filter((method) => !called.has(method)), []);
});

Deno.test("securityJob() tells again what it told before it could note it, and only that", async () => {
  await using access = await createAccess();
  const state = openFileStateStore(`${access.home}/state`, { files: denoFiles });
  const start = () => securityJob({ state, read: (before) => look(access, before) });
  const run = async (job: ReturnType<typeof start>) =>
    (await job.run(signal)).occurrences!.map(({ id }) => id);
  const gate = access.gateOf({ name: "ci", role: "viewer" });
  await assert.rejects(gate.check("keys.new"));
  let job = start();
  const first = await run(job);
  assert.equal(first.length, 1);
  job = start();
  assert.deepEqual(await run(job), first, "the process died before it could note it");
  assert.deepEqual(await run(job), []);
  await assert.rejects(gate.check("tokens.new"));
  assert.equal((await run(job)).length, 1);
  assert.deepEqual(await run(job), []);
  job = start();
  assert.deepEqual(await run(job), []);
  assert.equal((await job.run(signal)).summary, "nothing unusual");
});
