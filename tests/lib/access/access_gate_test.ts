import assert from "node:assert/strict";
import { AuthenticationError } from "../../../lib/access/access_errors.ts";
import { createAccessGate } from "../../../lib/access/access_gate.ts";
import { createAuthenticator } from "../../../lib/access/authenticator.ts";
import type { Principal } from "../../../lib/access/principal.ts";
import { createRefusalLimit } from "../../../lib/access/refusal_limit.ts";
import { createAccess } from "../../_fakes/access_fixture.ts";

const OPERATOR: Principal = { name: "op", role: "operator" };
const RECORDER: Principal = { name: "rec", role: "recorder" };

Deno.test("AccessGate.perform() notes what it allows before it is done, and what failed after", async () => {
  await using access = await createAccess();
  const gate = access.gateOf(OPERATOR);
  const result = await gate.perform("writes.pause", "why", async () => {
    assert.deepEqual(await access.said(), ["writes.pause allowed why"]);
    return 7;
  });
  assert.equal(result, 7);
  await assert.rejects(
    gate.perform("tx.cancel", "nonce 4", () => Promise.reject(new Error("no"))),
    /^Error: no$/,
  );
  assert.deepEqual(await access.said(), [
    "writes.pause allowed why",
    "tx.cancel allowed nonce 4",
    "tx.cancel failed nonce 4",
  ]);
  assert.equal((await access.lines())[2]!.attempt, 2);
});

Deno.test("AccessGate refuses before anything is done, and notes it", async () => {
  await using access = await createAccess();
  const gate = access.gateOf(RECORDER);
  let isDone = false;
  const work = () => Promise.resolve(isDone = true);
  await assert.rejects(gate.perform("anchor.send", "size 3", work), { name: "PermissionError" });
  await assert.rejects(gate.check("keys.new"), { name: "PermissionError" });
  assert.equal(isDone, false);
  assert.deepEqual(await access.said(), ["anchor.send refused size 3", "keys.new refused"]);
});

Deno.test("AccessGate.perform() fails where it cannot be noted, and does nothing then", async () => {
  await using access = await createAccess();
  const gate = createAccessGate({
    authenticate: () => Promise.resolve(OPERATOR),
    trail: { note: () => Promise.reject(new Error("disk full")) },
    clock: access.clock,
  });
  let isDone = false;
  await assert.rejects(gate.perform("writes.pause", "", () => Promise.resolve(isDone = true)), /disk full/);
  assert.equal(isDone, false);
});

Deno.test("AccessGate hands on a gate that does not note the same verb twice, and asks all the same", async () => {
  await using access = await createAccess();
  await access.gateOf(OPERATOR).perform("chain.store", "one", async (inner) => {
    await inner.perform("chain.store", "part", () => Promise.resolve());
    await inner.perform("anchor.send", "size 1", () => Promise.resolve());
    await assert.rejects(inner.perform("keys.new", "", () => Promise.resolve()), { name: "PermissionError" });
  });
  assert.deepEqual(await access.said(), [
    "chain.store allowed one",
    "anchor.send allowed size 1",
    "keys.new refused",
  ]);
});

Deno.test("AccessGate notes a frequent verb once an hour, and leaves its failures to whoever asked", async () => {
  await using access = await createAccess();
  const gate = access.gateOf(RECORDER);
  for (let i = 0; i < 50; i++) await gate.perform("record.append", `${i}`, () => Promise.resolve());
  await assert.rejects(gate.perform("record.append", "", () => Promise.reject(new Error("no"))));
  assert.deepEqual(await access.said(), ["record.append allowed"]);
  access.clock.advance(3_600_000);
  await gate.perform(
    "record.append",
    "",
    (inner) => inner.perform("record.append", "", () => Promise.resolve()),
  );
  assert.deepEqual(await access.said(), ["record.append allowed", "record.append allowed"]);
});

Deno.test("AccessGate looks at the token again within ten seconds", async () => {
  await using access = await createAccess();
  const { tokens, trail, clock } = access;
  const { token, entry } = await tokens.create({ name: "ci", role: "recorder", lifetimeMs: 86_400_000 });
  const authenticator = createAuthenticator({ tokens, trail, clock });
  const gate = createAccessGate({
    authenticate: () => authenticator.authenticate(token, "POT_TOKEN"),
    trail,
    clock,
  });
  const append = () => gate.perform("record.append", "", () => Promise.resolve());
  await append();
  await tokens.revoke(entry.id);
  clock.advance(9_999);
  await append();
  clock.advance(1);
  await assert.rejects(append(), { name: "AuthenticationError", reason: "revoked" });
  assert.deepEqual(await access.said(), [
    "record.append allowed",
    "authenticate refused revoked from POT_TOKEN",
  ]);
  const { principal } = (await access.lines())[1]!;
  assert.deepEqual(principal, { name: "unknown", tokenId: entry.id });
});

Deno.test("AccessGate asks anew for what is frequent once the token says something else", async () => {
  await using access = await createAccess();
  let role: Principal["role"] = "recorder";
  const gate = createAccessGate({ ...access, authenticate: () => Promise.resolve({ name: "ci", role }) });
  const append = () => gate.perform("record.append", "", () => Promise.resolve());
  await append();
  role = "viewer";
  await append();
  access.clock.advance(10_000);
  await assert.rejects(append(), { name: "PermissionError" });
});

Deno.test("createAuthenticator() never shows a token, and tells why it was not taken", async () => {
  await using access = await createAccess();
  const authenticator = createAuthenticator(access);
  const secret = `pot_0123abcd_${"5".repeat(72)}`;
  await assert.rejects(authenticator.authenticate(secret, "192.0.2.7"), (error) => {
    assert.ok(error instanceof AuthenticationError && error.exitCode === 2);
    assert.equal(
      error.message,
      "Cannot accept the access token as it is no token, or a character was lost",
    );
    assert.ok(!`${error.message}${error.facts}${error.hint}`.includes("555"));
    return true;
  });
  await assert.rejects(authenticator.authenticate(undefined, "POT_TOKEN"), {
    message: "Cannot tell who acts as an access token is asked for and none was given",
  });
  assert.ok(!JSON.stringify(await access.lines()).includes("555"));
});

Deno.test("createRefusalLimit() notes few of many like refusals, and loses the number of none", async () => {
  await using access = await createAccess();
  const authenticator = createAuthenticator(access);
  for (let i = 0; i < 1_000; i++) {
    await assert.rejects(authenticator.authenticate("x", "192.0.2.7"));
  }
  const counts = (await access.lines()).map(({ count = 1 }) => count);
  assert.equal(counts.length, 16);
  assert.deepEqual(counts.slice(8), [1, 1, 6, 16, 32, 64, 128, 256]);
  access.clock.advance(10 * 60_000);
  await assert.rejects(authenticator.authenticate("x", "192.0.2.7"));
  const all = (await access.lines()).reduce((sum, { count = 1 }) => sum + count, 0);
  assert.equal(all, 1_001);
});

Deno.test("createRefusalLimit() notes few of many, whoever invents a kind for each", () => {
  let nowMs = 0;
  const limit = createRefusalLimit({ now: () => nowMs });
  let lines = 0;
  let told = 0;
  const refuse = (kind: string) => {
    const count = limit.count(kind);
    if (count !== undefined) lines++;
    told += count ?? 0;
  };
  for (let i = 0; i < 100_000; i++) refuse(`address ${i}`);
  assert.ok(lines < 1_050, `${lines} lines`);
  assert.ok(told > 60_000, `${told} told`);
  nowMs += 10 * 60_000;
  assert.equal(limit.count("somebody new"), 1);
});

Deno.test("AccessGate and Authenticator refuse where the refusal cannot be noted", async () => {
  await using access = await createAccess();
  const trail = { note: () => Promise.reject(new Error("disk full")) };
  const gate = createAccessGate({ ...access, authenticate: () => Promise.resolve(RECORDER), trail });
  await assert.rejects(gate.check("anchor.send"), { name: "PermissionError" });
  const authenticator = createAuthenticator({ ...access, trail });
  await assert.rejects(authenticator.authenticate("x", "POT_TOKEN"), { name: "AuthenticationError" });
});
