import assert from "node:assert/strict";
import { createAccessGate } from "../../../lib/access/access_gate.ts";
import { auditHome } from "../../../lib/runtime/audit_home.ts";
import { initialize } from "../../../lib/runtime/initialize.ts";
import { openAccess } from "../../../lib/runtime/open_access.ts";
import { openRuntime } from "../../../lib/runtime/open_runtime.ts";
import { parseConfig } from "../../../lib/runtime/parse_config.ts";
import { readAccess } from "../../../lib/runtime/read_access.ts";
import { abortKeyRotation, rotateSigningKey } from "../../../lib/runtime/rotate_signing_key.ts";

async function install() {
  const folder = await Deno.makeTempDir({ prefix: "pot-access-test-" });
  const { origin } = await initialize({ folder, chain: "local" });
  const configOf = (env: Readonly<Record<string, string>> = {}) =>
    parseConfig({ folder, env, file: { origin } });
  const said = async () =>
    (await Deno.readTextFile(`${folder}/.pot/access.jsonl`)).trimEnd().split("\n").map((line) =>
      JSON.parse(line)
    )
      .map(({ principal, verb, outcome, subject }) =>
        `${principal.name} ${verb} ${outcome} ${subject}`.trimEnd()
      );
  return { folder, configOf, said, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

const EVENT = { runId: "run-1", step: 1 };

Deno.test("openRuntime() asks for nothing while access is open, and notes what local does", async () => {
  await using home = await install();
  const config = home.configOf();
  await using runtime = await openRuntime(config);
  await runtime.recorder.recordCheckpoint(EVENT);
  await runtime.recorder.recordCheckpoint({ ...EVENT, step: 2 });
  await runtime.documents.put(new TextEncoder().encode("{}"));
  await runtime.recorder.anchorPending();
  await runtime.recorder.anchorPending();
  assert.deepEqual(await home.said(), [
    "local record.append allowed",
    "local document.put allowed",
    "local anchor.send allowed size 2",
  ]);
  const { outcome, findings } = await auditHome(config, { isOffline: true });
  assert.deepEqual([outcome, findings], ["clean", []]);
});

Deno.test("openRuntime() with access by tokens reads without one, and changes nothing", async () => {
  await using home = await install();
  await using runtime = await openRuntime(home.configOf({ POT_ACCESS: "tokens" }));
  assert.equal((await runtime.recorder.status()).recordCount, 0);
  const refused = { name: "AuthenticationError", reason: "missing" };
  await assert.rejects(runtime.recorder.recordCheckpoint(EVENT), refused);
  await assert.rejects(runtime.recorder.anchorPending(), refused);
  await assert.rejects(runtime.log.checkpoint(), refused);
  await assert.rejects(runtime.documents.put(new Uint8Array()), refused);
  assert.equal((await runtime.recorder.status()).recordCount, 0);
});

Deno.test("openRuntime() does what a token's role allows", async () => {
  await using home = await install();
  const { tokens } = openAccess(home.configOf());
  const { token } = await tokens.create({ name: "trainer", role: "recorder", lifetimeMs: 86_400_000 });
  await using runtime = await openRuntime(home.configOf({ POT_ACCESS: "tokens", POT_TOKEN: token }));
  await runtime.recorder.recordCheckpoint(EVENT);
  await assert.rejects(runtime.recorder.anchorPending(), { name: "PermissionError", verb: "anchor.send" });
  // Past the recorder is no way round.
  const head = { size: 1n, root: new Uint8Array(32), note: "" };
  await assert.rejects(runtime.chain.anchor(head), { name: "PermissionError", verb: "anchor.send" });
  await assert.rejects(runtime.chain.storeHash("ab".repeat(32), ""), { name: "PermissionError" });
  assert.deepEqual(await home.said(), [
    "local tokens.new allowed trainer recorder",
    "trainer record.append allowed",
    "trainer anchor.send refused",
    "trainer anchor.send refused size 1",
    `trainer chain.store refused hash ${"ab".repeat(32)}`,
  ]);
});

Deno.test("openAccess() makes the gate of somebody whom a server has authenticated", async () => {
  await using home = await install();
  const config = home.configOf({ POT_ACCESS: "tokens" });
  const { gate } = openAccess(config, {
    principal: { name: "nightly", role: "operator", tokenId: "0123abcd" },
  });
  await using runtime = await openRuntime(config, { access: gate });
  await runtime.recorder.recordCheckpoint(EVENT);
  await runtime.recorder.anchorPending();
  assert.deepEqual(await home.said(), [
    "nightly record.append allowed",
    "nightly anchor.send allowed size 1",
  ]);
});

Deno.test("openRuntime() brings a proof up to date where no line can be written, and records nothing", async () => {
  await using home = await install();
  const config = home.configOf();
  const { id } = await (async () => {
    await using runtime = await openRuntime(config);
    return await runtime.recorder.recordCheckpoint(EVENT);
  })();
  const access = createAccessGate({
    authenticate: () => Promise.resolve({ name: "ci", role: "recorder" }),
    trail: { note: () => Promise.reject(new Error("read-only")) },
    clock: { now: () => Date.now() },
  });
  await using runtime = await openRuntime(config, { access });
  const { isInLog } = await runtime.recorder.upgrade(await runtime.recorder.prove(id), { isOffline: true });
  assert.equal(isInLog, true);
  await assert.rejects(runtime.recorder.recordCheckpoint({ ...EVENT, step: 2 }), /read-only/);
});

Deno.test("openAccess() lets nobody make tokens, or rotate keys, who may not", async () => {
  await using home = await install();
  const { token } = await openAccess(home.configOf()).tokens.create({
    name: "nightly",
    role: "operator",
    lifetimeMs: 86_400_000,
  });
  const config = home.configOf({ POT_ACCESS: "tokens", POT_TOKEN: token });
  const { tokens } = openAccess(config);
  const created = tokens.create({ name: "mine", role: "admin", lifetimeMs: 86_400_000 });
  await assert.rejects(created, { name: "PermissionError", verb: "tokens.new" });
  await assert.rejects(tokens.revoke(token), { name: "PermissionError", verb: "tokens.revoke" });
  const options = { openKey: () => Promise.reject(new Error("opened")), settings: { env: {} } };
  for (const change of [rotateSigningKey, abortKeyRotation]) {
    await assert.rejects(change(config, options), { name: "PermissionError", verb: "keys.rotate" });
  }
  assert.deepEqual((await tokens.list()).map(({ name }) => name), ["nightly"]);
  assert.deepEqual(await home.said(), [
    "local tokens.new allowed nightly operator",
    "nightly tokens.new refused mine admin",
    `nightly tokens.revoke refused ${token.slice(0, 13)}[secret]`,
    "nightly keys.rotate refused",
    "nightly keys.rotate refused",
  ]);
});

Deno.test("openAccess() says where the token's file should be", async () => {
  await using home = await install();
  const { gate } = openAccess(home.configOf({ POT_ACCESS: "tokens", POT_TOKEN_FILE: "absent.token" }));
  await assert.rejects(gate.principal(), {
    message: "Cannot read the access token as its file is not there",
    facts: [`file: ${home.folder}/absent.token`],
  });
});

Deno.test("readAccess() asks for no more than home and access to be right", () => {
  const read = (env: Readonly<Record<string, string>>, file = {}) =>
    readAccess({ folder: "/srv/pot", env, file });
  assert.deepEqual(read({ RPC_URL: "nonsense", CHAIN_ID: "x" }, { unheard: 1 }), {
    home: "/srv/pot/.pot",
    access: { mode: "open" },
  });
  assert.deepEqual(read({ POT_TOKEN: "t" }, { access: "tokens", home: "h" }), {
    home: "/srv/pot/h",
    access: { mode: "tokens", token: "t" },
  });
  assert.deepEqual(read({ POT_TOKEN_FILE: "t" }).access, { mode: "open", tokenFile: "/srv/pot/t" });
  for (const env of [{ POT_ACCESS: "closed" }, { POT_TOKEN: "t", POT_TOKEN_FILE: "f" }]) {
    assert.throws(() => read(env), {
      name: "UsageError",
      message: "Cannot tell who acts as a setting is wrong",
    });
  }
});
