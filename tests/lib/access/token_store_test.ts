import assert from "node:assert/strict";
import { parseTokenFile } from "../../../lib/access/token_file.ts";
import { openTokenStore } from "../../../lib/access/token_store.ts";
import { hashToken, makeToken, parseToken } from "../../../lib/access/token_text.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { createAccess } from "../../_fakes/access_fixture.ts";

const DAY_MS = 86_400_000;
const randomBytes = (length: number) => crypto.getRandomValues(new Uint8Array(length));

Deno.test("makeToken() makes a form that scanners find, and parseToken() tells every slip", () => {
  const { id, token } = makeToken(randomBytes);
  assert.match(token, /^pot_[0-9a-f]{8}_[0-9a-f]{72}$/);
  assert.deepEqual(parseToken(token), { id, token });
  for (let i = 0; i < token.length; i++) {
    const other = token[i] === "0" ? "1" : "0";
    assert.equal(parseToken(`${token.slice(0, i)}${other}${token.slice(i + 1)}`), undefined, `at ${i}`);
  }
  for (
    const bad of [
      "",
      "pot_",
      token.slice(1),
      token.slice(0, -1),
      `${token}0`,
      `${token}\n`,
      token.toUpperCase(),
    ]
  ) {
    assert.equal(parseToken(bad), undefined);
  }
  const fixed = makeToken((length) => new Uint8Array(length).fill(0xab)).token;
  assert.equal(fixed, `pot_abababab_${"ab".repeat(32)}${fixed.slice(-8)}`);
  assert.notEqual(makeToken(randomBytes).token, makeToken(randomBytes).token);
});

Deno.test("TokenStore keeps the hash and not the token, readable for its owner only", async () => {
  await using access = await createAccess();
  const { token, entry } = await access.tokens.create({
    name: "ci",
    role: "recorder",
    lifetimeMs: 90 * DAY_MS,
  });
  assert.deepEqual(entry, {
    id: token.slice(4, 12),
    name: "ci",
    role: "recorder",
    hash: hashToken(token),
    createdAt: "2026-01-31T12:00:00.000Z",
    expiresAt: "2026-05-01T12:00:00.000Z",
  });
  const path = `${access.home}/tokens.json`;
  const text = await Deno.readTextFile(path);
  assert.ok(text.includes(entry.hash) && !text.includes(token.slice(13, 40)));
  assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
  assert.deepEqual(await access.tokens.list(), [entry]);
});

Deno.test("TokenStore.authenticate() tells who it is, or why it is nobody", async () => {
  await using access = await createAccess();
  const { tokens, clock } = access;
  const { token, entry: { id } } = await tokens.create({ name: "ci", role: "operator", lifetimeMs: DAY_MS });
  assert.deepEqual(await tokens.authenticate(token), {
    ok: true,
    principal: { name: "ci", role: "operator", tokenId: id },
  });
  assert.deepEqual(await tokens.authenticate("pot_x"), { ok: false, reason: "malformed" });
  const stranger = makeToken(randomBytes);
  assert.deepEqual(await tokens.authenticate(stranger.token), {
    ok: false,
    reason: "unknown",
    tokenId: stranger.id,
  });
  // The right id with another secret is no nearer.
  const sameId = makeToken((length) => length === 4 ? Uint8Array.fromHex(id) : randomBytes(length)).token;
  assert.deepEqual(await tokens.authenticate(sameId), { ok: false, reason: "unknown", tokenId: id });
  clock.advance(DAY_MS - 1);
  assert.equal((await tokens.authenticate(token)).ok, true);
  clock.advance(1);
  assert.deepEqual(await tokens.authenticate(token), { ok: false, reason: "expired", tokenId: id });
});

Deno.test("TokenStore.revoke() ends a token by id, by name or by itself, once", async () => {
  await using access = await createAccess();
  const { tokens, clock } = access;
  const make = (name: string) => tokens.create({ name, role: "viewer", lifetimeMs: DAY_MS });
  const [a, b, c] = [await make("a"), await make("b"), await make("c")];
  await tokens.revoke(a.entry.id);
  await tokens.revoke("b");
  await tokens.revoke(c.token);
  for (const { token, entry: { id } } of [a, b, c]) {
    assert.deepEqual(await tokens.authenticate(token), { ok: false, reason: "revoked", tokenId: id });
  }
  const { revokedAt } = await tokens.revoke("b");
  clock.advance(1_000);
  assert.equal((await tokens.revoke("b")).revokedAt, revokedAt);
  // The name is free again, and means the valid one.
  const again = await make("b");
  assert.equal((await tokens.revoke("b")).id, again.entry.id);
  const { token } = makeToken(randomBytes);
  await assert.rejects(tokens.revoke(token), (error: Error & { facts?: string[] }) => {
    assert.equal(error.message, "Cannot revoke the token as there is none of that id or name");
    assert.ok(!JSON.stringify(error.facts).includes(token.slice(13)));
    return true;
  });
});

Deno.test("TokenStore.create() refuses names that mislead, and tokens that outlive their use", async () => {
  await using access = await createAccess();
  const { tokens, clock } = access;
  const make = (name: string, lifetimeMs = DAY_MS) => tokens.create({ name, role: "viewer", lifetimeMs });
  for (const name of ["", "local", "unknown", "a b", "a\nb", "x".repeat(65)]) {
    await assert.rejects(make(name), /its name must be 1 to 64 of A-Z a-z 0-9 \. _ -, and not local/);
  }
  for (const lifetimeMs of [0, 59_999, 367 * DAY_MS, NaN, Infinity]) {
    await assert.rejects(make("a", lifetimeMs), /it must expire within 1 minute to 366 days/);
  }
  await make("a");
  await assert.rejects(make("a"), /as a valid one has this name/);
  clock.advance(DAY_MS);
  await make("a");
});

Deno.test("TokenStore notes the day of a use, and writes once a day for it", async () => {
  await using access = await createAccess();
  const { tokens, clock, home } = access;
  const { token } = await tokens.create({ name: "a", role: "viewer", lifetimeMs: 9 * DAY_MS });
  await tokens.authenticate(token);
  const first = await Deno.stat(`${home}/tokens.json`);
  await tokens.authenticate(token);
  assert.equal((await Deno.stat(`${home}/tokens.json`)).ino, first.ino);
  assert.equal((await tokens.list())[0]!.lastUsedOn, "2026-01-31");
  clock.advance(DAY_MS);
  await tokens.authenticate(token);
  assert.equal((await tokens.list())[0]!.lastUsedOn, "2026-02-01");
});

Deno.test("TokenStore takes a token where nothing can be written, and makes no home to end one in", async () => {
  await using access = await createAccess();
  const { tokens, clock, home } = access;
  const { token } = await tokens.create({ name: "a", role: "viewer", lifetimeMs: DAY_MS });
  const refuse = () => Promise.reject(new Deno.errors.PermissionDenied("read-only"));
  const files = { ...denoFiles, open: refuse, lock: refuse, makeFolder: refuse, rename: refuse };
  const fixed = openTokenStore(home, { files, clock, randomBytes });
  assert.equal((await fixed.authenticate(token)).ok, true);
  const absent = openTokenStore(`${home}/absent`, { files: denoFiles, clock, randomBytes });
  await assert.rejects(absent.revoke("a"), /there is none of that id or name/);
  await assert.rejects(Deno.stat(`${home}/absent`), Deno.errors.NotFound);
});

Deno.test("TokenStore loses no token to others who make some at the same time", async () => {
  await using access = await createAccess();
  const stores = Array.from(
    { length: 4 },
    () => openTokenStore(access.home, { files: denoFiles, clock: access.clock, randomBytes }),
  );
  await Promise.all(
    stores.flatMap((store, i) =>
      Array.from(
        { length: 5 },
        (_, k) => store.create({ name: `t-${i}-${k}`, role: "viewer", lifetimeMs: DAY_MS }),
      )
    ),
  );
  assert.equal((await access.tokens.list()).length, 20);
});

Deno.test("parseTokenFile() lets nobody in by a file that it does not understand", async () => {
  await using access = await createAccess();
  const { token } = await access.tokens.create({ name: "a", role: "viewer", lifetimeMs: DAY_MS });
  const path = `${access.home}/tokens.json`;
  const file = JSON.parse(await Deno.readTextFile(path));
  const [entry] = file.tokens;
  const bad: readonly unknown[] = [
    { ...file, schema: "pot-tokens/2" },
    { ...file, tokens: {} },
    { ...file, tokens: [{ ...entry, role: "root" }] },
    { ...file, tokens: [{ ...entry, expiresAt: "never" }] },
    { ...file, tokens: [{ ...entry, revokedAt: null }] },
    { ...file, tokens: [{ ...entry, extra: 1 }] },
    { ...file, tokens: [entry, { ...entry, name: "b" }] },
    "x",
    null,
  ];
  for (const value of bad) {
    await Deno.writeTextFile(path, JSON.stringify(value));
    await assert.rejects(
      access.tokens.authenticate(token),
      { name: "CorruptFileError" },
      JSON.stringify(value),
    );
  }
  assert.throws(() => parseTokenFile(new TextEncoder().encode("{"), "f"), /damaged at its text/);
});
