import assert from "node:assert/strict";
import { join } from "node:path";
import { finishSwap } from "../../../lib/backup/swap_state.ts";
import { createRedactor } from "../../../lib/core/redactor.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import type { FileLayer } from "../../../lib/io/file_layer.ts";
import { auditHome } from "../../../lib/runtime/audit_home.ts";
import type { Config } from "../../../lib/runtime/config.ts";
import { learnSecrets } from "../../../lib/runtime/learn_secrets.ts";
import { openBackups } from "../../../lib/runtime/open_backups.ts";
import { openRuntime, type Runtime } from "../../../lib/runtime/open_runtime.ts";
import { openStateStore } from "../../../lib/runtime/open_state_store.ts";
import { parseConfig } from "../../../lib/runtime/parse_config.ts";
import { restoreBackup } from "../../../lib/runtime/restore_backup.ts";
import { createDyingFiles } from "../../_fakes/dying_files.ts";
import { PowerCut } from "../../_fakes/forgetful_files.ts";
import { openInstallation } from "../../_fakes/installation.ts";
import { startPostgres } from "../../_fakes/postgres_server.ts";
import { inTemporaryFolder } from "../../_fakes/temporary_folder.ts";

const TARGETS = { POT_BACKUP_TARGETS: "backups" };

async function record({ recorder }: Runtime, from: number, count: number): Promise<void> {
  await Promise.all(
    Array.from(
      { length: count },
      (_, i) =>
        recorder.recordCheckpoint({ runId: `run-${i % 3}`, step: from + i, metrics: { loss: 1 / (1 + i) } }),
    ),
  );
}

/** Every file of the home folder but what a restore leaves alone, and what it makes. */
async function stateOf(home: string, folder = ""): Promise<ReadonlyMap<string, string>> {
  const state = new Map<string, string>();
  const ignored =
    /\.lock$|^index\.sqlite|\.sqlite|^before-restore|^restoring|^backup-work$|^\.|^access|^daemon/;
  for await (const { name, isDirectory } of Deno.readDir(join(home, folder))) {
    if (ignored.test(name)) continue;
    const path = join(folder, name);
    if (isDirectory) { for (const [inner, bytes] of await stateOf(home, path)) state.set(inner, bytes); }
    else state.set(path, (await Deno.readFile(join(home, path))).toHex());
  }
  return state;
}

async function contentsOf(archive: string): Promise<string> {
  const { stdout, success } = await new Deno.Command("tar", { args: ["-xzOf", archive] }).output();
  assert.ok(success);
  return new TextDecoder("latin1").decode(stdout);
}

Deno.test("a backup beside whoever records and anchors is of one moment, and whole", async () => {
  await using installation = await openInstallation({ env: TARGETS });
  const { runtime, folder } = installation;
  const { config } = runtime;
  const backups = openBackups(config);
  await record(runtime, 0, 700);
  await runtime.recorder.anchorPending();
  let isDone = false;
  const recording = (async () => {
    for (let from = 1_000; !isDone; from += 1_000) {
      await record(runtime, from, 40);
      await runtime.recorder.anchorPending();
    }
  })();
  const names: string[] = [];
  try {
    for (let i = 0; i < 6; i++) {
      const { note, targets } = await backups.create();
      assert.deepEqual(targets, [{ target: "folder", isOk: true, depth: "content" }]);
      names.push(note.name);
    }
  } finally {
    isDone = true;
    await recording;
  }
  const sizes: number[] = [];
  for (const name of names) {
    const found = await backups.find({ name });
    const { audit, difference, manifest, kept } = await restoreBackup(config, { backups, found }, {
      nowMs: Date.now(),
    });
    assert.deepEqual([audit.outcome, audit.findings, audit.unknown], ["clean", [], []], name);
    assert.equal(kept, undefined);
    assert.equal(difference.recordsInBackup, manifest.log.recordCount);
    sizes.push(manifest.log.recordCount);
  }
  assert.deepEqual(sizes, sizes.toSorted((a, b) => a - b));
  assert.ok(sizes.at(-1)! > sizes[0]!, `records came in meanwhile: ${sizes}`);
  assert.equal((await auditHome(config)).outcome, "clean");
  assert.deepEqual(
    (await Array.fromAsync(Deno.readDir(config.home))).filter(({ name }) => name.startsWith("restoring-")),
    [],
  );
  assert.deepEqual(
    (await Array.fromAsync(Deno.readDir(join(folder, ".pot", "backup-work")))).map(({ name }) => name),
    ["work.lock"],
  );
});

Deno.test("no backup holds a key or a secret, wherever it was put", async () => {
  await using installation = await openInstallation();
  const { runtime, folder } = installation;
  const { home } = runtime.config;
  await record(runtime, 0, 5);
  await runtime.recorder.anchorPending();
  const secret = (name: string) => `pl4nted-${name}-${crypto.randomUUID()}`;
  const planted: Record<string, string> = {};
  const plant = async (path: string, text: (secret: string) => string) => {
    planted[path] = secret(path.replace(/[^a-z]/g, ""));
    await Deno.mkdir(join(path, ".."), { recursive: true });
    await Deno.writeTextFile(path, text(planted[path]!));
  };
  const env = {
    ...TARGETS,
    PRIVATE_KEY: crypto.getRandomValues(new Uint8Array(32)).toHex(),
    POT_RPC_URLS: `https://rpc.example/v2/${secret("rpc")}`,
    POT_TOKEN: secret("token"),
    AWS_SECRET_ACCESS_KEY: secret("aws"),
    AWS_ACCESS_KEY_ID: "AKIAPLANTED000000001",
    CHAIN_ID: "31337",
  };
  for (
    const name of [
      "keystore.json",
      ".env",
      "id_ed25519",
      "journal/notes.txt",
      "state/other.txt",
      "log/core.dump",
      "manifests/x.json",
      "recovered/wallet.json",
      "tokens.json",
      "log.key.next",
    ]
  ) {
    await plant(join(home, name), (text) => text);
  }
  // Documents of ours that a mistake put a secret into.
  const state = await openStateStore({ home });
  await state.write("job-leaky", new TextEncoder().encode(`{"error":"${env.POT_TOKEN}"}`), {
    version: undefined,
  });
  await state.write("job-pem", new TextEncoder().encode("-----BEGIN PRIVATE KEY-----\nMIIpl4nted\n"), {
    version: undefined,
  });
  await state.write("job-fine", new TextEncoder().encode(`{"schema":"pot-job/1"}`), { version: undefined });
  await state[Symbol.asyncDispose]();
  await plant(join(folder, "deployments", "31337.json"), () => `{"rpc":"${env.POT_RPC_URLS}"}`);
  await plant(join(folder, "deployments", "note.txt"), (text) => text);
  const { origin } = runtime.config;
  await plant(join(folder, "pot.jsonc"), (text) =>
    `{
    // once it was ${text}
    "origin": ${JSON.stringify(origin)},
    "rpcUrls": ["https://eth.example/v3/${text}?key=${text}"],
    "alertSource": "training cluster"
  }`);
  const redactor = createRedactor();
  await learnSecrets(redactor, { folder, env });
  const config = { ...parseConfig({ folder, env, file: { origin } }), redactor };
  const { note } = await openBackups(config).create();
  const archive = join(folder, "backups", note.name);
  const text = await contentsOf(archive) + await Deno.readTextFile(`${archive}.json`) +
    await Deno.readTextFile(`${archive}.verified`);
  const logKey = (await Deno.readTextFile(join(home, "log.key"))).trim();
  const secrets = [
    ...Object.values(planted),
    ...Object.values(env).filter((value) => /[0-9a-f]{16}|PLANTED|pl4nted/.test(value)),
    logKey,
    // Base64 may hold a plus as well.
    logKey.split("+").slice(4).join("+"),
    "MIIpl4nted",
    "PRIVATE+KEY",
  ];
  assert.ok(secrets.length > 15);
  for (const value of secrets) {
    assert.ok(!text.includes(value), `${value} is in the backup`);
    assert.ok(!text.includes(btoa(value)), `${value} is in the backup as base64`);
  }
  assert.match(text, /training cluster/, "what is no secret is there");
  assert.match(text, /pot-job\/1/);
  const { leftOut } = JSON.parse(
    text.slice(text.lastIndexOf('{\n "schema": "pot-backup/1"')).split("\n}\n")[0]! + "}",
  );
  for (
    const name of [
      "log.key",
      "log.key.next",
      "keystore.json",
      ".env",
      "tokens.json",
      "state/job-leaky.state",
      "state/job-pem.state",
      "deployments/31337.json",
      "journal/notes.txt",
    ]
  ) {
    assert.ok(leftOut.includes(name), `${name} is named as left out: ${leftOut}`);
  }
});

Deno.test("a restore that is cut off at any step leaves the old state, or one that the next opening completes", async () => {
  await inTemporaryFolder(async (folder) => {
    const installation = await openInstallation({ env: TARGETS });
    let config: Config;
    const home = join(folder, "home");
    {
      await using opened = installation;
      config = opened.runtime.config;
      await record(opened.runtime, 0, 300);
      await opened.runtime.recorder.anchorPending();
      await openBackups(config).create();
      await record(opened.runtime, 1_000, 20);
      await opened.runtime.recorder.anchorPending();
      await copy(config.folder, home);
    }
    const { path: _, ...target } = config.backup!.targets[0]! as {
      path: string;
      name: string;
      kind: "folder";
    };
    const at = (root: string): Config => ({
      ...config,
      folder: root,
      home: join(root, ".pot"),
      backup: { ...config.backup!, targets: [{ ...target, path: join(home, "backups") }] },
    });
    const restore = async (root: string, files: FileLayer) => {
      const backups = openBackups(at(root), { files });
      return await restoreBackup(at(root), { backups, found: await backups.find() }, {
        isApplied: true,
        nowMs: 0,
        files,
      });
    };
    const old = await stateOf(join(home, ".pot"));
    const whole = join(folder, "whole");
    await copy(home, whole);
    const counting = createDyingFiles(denoFiles);
    await restore(whole, counting);
    const restored = await stateOf(join(whole, ".pot"));
    assert.notDeepEqual(old, restored);
    // The exchange is at the end: every step of it, and some of what comes before.
    const steps = Array.from({ length: counting.writes }, (_, i) => i + 1).filter((step) =>
      step > counting.writes - 30 || step % 9 === 0
    );
    const outcomes = { old: 0, restored: 0 };
    for (const dieAt of steps) {
      const root = join(folder, `died-${dieAt}`);
      await copy(home, root);
      // The very last steps tidy up, and are not waited for.
      const outcome = await restore(root, createDyingFiles(denoFiles, { dieAt })).catch((error) => error);
      assert.ok(outcome instanceof PowerCut || dieAt > counting.writes - 3, `step ${dieAt}: ${outcome}`);
      await finishSwap(join(root, ".pot"), { files: denoFiles });
      const state = await stateOf(join(root, ".pot"));
      const isOld = state.size === old.size && [...state].every(([path, bytes]) => old.get(path) === bytes);
      if (!isOld) {
        assert.deepEqual([...state.keys()].toSorted(), [...restored.keys()].toSorted(), `step ${dieAt}`);
      }
      if (!isOld) {
        assert.deepEqual(new Map([...state].toSorted()), new Map([...restored].toSorted()), `step ${dieAt}`);
      }
      outcomes[isOld ? "old" : "restored"]++;
      assert.equal(await denoFiles.stat(join(root, ".pot", "restoring.json")), undefined);
      assert.ok(await denoFiles.stat(join(root, ".pot", "log.key")), "the key stays");
      await Deno.remove(root, { recursive: true });
    }
    assert.ok(outcomes.old > 3 && outcomes.restored > 10, JSON.stringify(outcomes));
    // What was restored goes on as a log does.
    await using runtime = await openRuntime(at(whole));
    await record(runtime, 5_000, 3);
    await runtime.recorder.anchorPending();
    assert.equal(await runtime.log.size(), 303n);
    assert.equal((await auditHome(at(whole))).outcome, "clean");
  });
});

Deno.test("PostgreSQL is backed up at one size, restored into an empty database, and into files", async () => {
  await using server = await startPostgres();
  await using installation = await openInstallation({
    env: { ...TARGETS, POT_LOG_URL: await server.createDatabase() },
  });
  const { runtime } = installation;
  const { config } = runtime;
  await record(runtime, 0, 300);
  await runtime.recorder.anchorPending();
  {
    await using state = await openStateStore(config);
    await state.write("job-anchor", new TextEncoder().encode(`{"schema":"pot-job/1"}`), {
      version: undefined,
    });
  }
  const backups = openBackups(config);
  const { note } = await backups.create();
  assert.deepEqual([note.store, note.log.recordCount, note.log.size], ["postgresql", 300, "300"]);
  assert.equal(await denoFiles.stat(join(config.home, "backup-work", "export")), undefined);
  const root = await runtime.log.headAt(300n);
  await record(runtime, 1_000, 10);
  const found = await backups.find();

  // It holds more by now, which nothing overwrites.
  await assert.rejects(restoreBackup(config, { backups, found }, { isApplied: true, nowMs: 0 }), {
    message: "Cannot copy the log as the other one holds other records",
  });
  const empty: Config = { ...config, logUrl: await server.createDatabase() };
  const restored = await restoreBackup(empty, { backups, found }, { isApplied: true, nowMs: 1 });
  assert.equal(restored.audit.outcome, "clean");
  {
    await using again = await openRuntime(empty);
    assert.deepEqual((await again.log.headAt(300n)).root, root.root);
    await using state = await openStateStore(empty);
    assert.match(new TextDecoder().decode((await state.read("job-anchor"))!.bytes), /pot-job/);
  }
  assert.equal((await auditHome(empty)).outcome, "clean");

  const { logUrl: _, ...files } = config;
  await restoreBackup(files, { backups, found }, { isApplied: true, nowMs: 2 });
  await using moved = await openRuntime(files);
  assert.deepEqual((await moved.log.headAt(300n)).root, root.root);
});

Deno.test("parseConfig() takes one identity alone, and shows none", () => {
  const identity = `AGE-SECRET-KEY-1${"Q".repeat(58)}`;
  const env = { ...TARGETS, POT_BACKUP_IDENTITY: identity };
  assert.deepEqual(parseConfig({ folder: "/srv", env }).backup, {
    targets: [{ kind: "folder", name: "folder", path: "/srv/backups" }],
    recipients: [],
    identities: [identity],
  });
  const refused = (more: Readonly<Record<string, string>>) => {
    try {
      parseConfig({ folder: "/srv", env: { ...env, ...more } });
    } catch (error) {
      const { facts } = error as { readonly facts: readonly string[] };
      assert.ok(!facts.join().includes(identity));
      return facts;
    }
    return [];
  };
  assert.deepEqual(refused({ POT_BACKUP_IDENTITY_FILE: "a" }), [
    "POT_BACKUP_IDENTITY and POT_BACKUP_IDENTITY_FILE must not be given together",
  ]);
  assert.match(
    refused({ POT_BACKUP_RECIPIENT: identity }).join(),
    /^POT_BACKUP_RECIPIENT must be X25519 recipients of age/,
  );
  assert.match(refused({ POT_BACKUP_KEEP: "forever" }).join(), /^POT_BACKUP_KEEP must be how many to keep/);
});

async function copy(from: string, to: string): Promise<void> {
  const { success } = await new Deno.Command("cp", { args: ["-r", from, to] }).output();
  assert.ok(success);
}
