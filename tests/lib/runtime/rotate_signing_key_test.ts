import assert from "node:assert/strict";
import { join } from "node:path";
import { type Devnet, startDevnet } from "../../../lib/chain/devnet.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { openKeyUri } from "../../../lib/runtime/open_key_source.ts";
import { openEndpoints, openSender } from "../../../lib/runtime/open_sender.ts";
import { parseConfig } from "../../../lib/runtime/parse_config.ts";
import { readConfigFile } from "../../../lib/runtime/read_config_file.ts";
import { readKeyRotations } from "../../../lib/runtime/key_rotation_file.ts";
import {
  abortKeyRotation,
  rotateSigningKey,
  type RotateSigningKeyOptions,
} from "../../../lib/runtime/rotate_signing_key.ts";
import { systemClock } from "../../../lib/runtime/system_clock.ts";
import { fromHex } from "../../../lib/core/hex.ts";
import { encryptKeystore } from "../../../lib/keys/keystore.ts";
import { checkContract } from "../../../lib/chain/check_contract.ts";
import { parseKeyUri } from "../../../lib/keys/parse_key_uri.ts";
import { type CliHarness, createCli } from "../../_fakes/cli_harness.ts";
import { createDyingFiles } from "../../_fakes/dying_files.ts";

/** As the machine's, in a hurry. */
const CLOCK = {
  now: systemClock.now,
  sleep: (ms: number, options?: SleepOptions) => systemClock.sleep(ms / 50, options),
};
type SleepOptions = { readonly signal?: AbortSignal };

const FILE = `{
  // Where the key is.
  "keySource": "env:FIRST_KEY", // the first one
  "chain": "evm",
}
`;

interface Home extends AsyncDisposable {
  readonly devnet: Devnet;
  readonly cli: CliHarness;
  readonly contract: `0x${string}`;
  readonly env: Readonly<Record<string, string>>;
  /** Transactions of an account that are in blocks. */
  nonce(address: string): Promise<number>;
  balance(address: string): Promise<bigint>;
  record(step: number): Promise<string>;
  /** The library's rotation over this home. */
  options(more?: Partial<RotateSigningKeyOptions>): Promise<Parameters<typeof rotateSigningKey>>;
  owner(): Promise<string | undefined>;
}

/** A home whose first key owns the contract, with one record anchored and one pending. */
async function startHome(): Promise<Home> {
  const devnet = await startDevnet();
  const [first, next] = devnet.accounts;
  const env = {
    RPC_URL: devnet.rpcUrl,
    CHAIN_ID: "31337",
    FIRST_KEY: first!.privateKey,
    NEXT_KEY: next!.privateKey,
    SAME_KEY: next!.privateKey,
    POT_CONFIRMATIONS: "1",
  };
  const cli = await createCli({ env });
  const run = async (...args: readonly string[]) => {
    const outcome = await cli.run(...args, "--json");
    assert.equal(outcome.code, 0, outcome.err);
    return outcome.json;
  };
  const record = async (step: number) => {
    const args = ["record", "validation", "--run", "r", "--step", `${step}`, "--metric", "a=1"];
    return (await run(...args)).records[0].id as string;
  };
  await run("init", "--origin", "pot/rotation");
  await cli.write("pot.jsonc", FILE);
  const { deployment } = await run("contract", "deploy");
  await record(1);
  await run("anchor");
  await record(2);
  const config = async () =>
    parseConfig({ folder: cli.folder, env, file: await readConfigFile(cli.path("pot.jsonc")) });
  return {
    devnet,
    cli,
    contract: deployment.contractAddress,
    env,
    record,
    nonce: async (address) => Number(await devnet.request("eth_getTransactionCount", [address, "latest"])),
    balance: async (address) => BigInt(await devnet.request("eth_getBalance", [address, "latest"]) as string),
    async options(more = {}) {
      const opened = await config();
      return [opened, {
        from: opened.signing!.uri,
        to: "env:NEXT_KEY",
        openKey: (source) => openKeyUri(parseKeyUri(source)!, opened).open(),
        settings: { env, configFile: cli.path("pot.jsonc") },
        clock: CLOCK,
        waitMs: 20_000,
        ...more,
      }];
    },
    owner: async () =>
      (await checkContract({
        endpoints: openEndpoints((await config()).evm!),
        contract: deployment.contractAddress,
      })).owner,
    async [Symbol.asyncDispose]() {
      await cli[Symbol.asyncDispose]();
      await devnet[Symbol.asyncDispose]();
    },
  };
}

Deno.test("rotateSigningKey() hands everything over, and nothing is lost", async (t) => {
  await using home = await startHome();
  const { devnet, cli, env } = home;
  const [first, next, third, fourth] = devnet.accounts;
  const before = await home.nonce(first!.address);

  await t.step("a dry run says what it would do, and does nothing", async () => {
    const listing = await cli.listing();
    const args = ["keys", "rotate", "--to", "env:NEXT_KEY", "--transfer-ownership", "--sweep", "--dry-run"];
    const { code, out } = await cli.run(...args);
    assert.equal(code, 0);
    assert.match(
      out,
      /^from 0x\w+ \(env:FIRST_KEY\)\nto {3}0x\w+ \(env:NEXT_KEY\)\nhands over 0x\w+\n {2}1\. start /,
    );
    assert.match(out, /\n {2}7\. accept .*\nnothing was changed\n$/);
    assert.equal(await cli.listing(), listing);
  });

  await t.step("rotates, and says each step", async () => {
    const events: string[] = [];
    const rotation = await rotateSigningKey(
      ...await home.options({
        isTransferring: true,
        isSweeping: true,
        onStep: ({ step }) => void events.push(step),
      }),
    );
    assert.deepEqual(events, ["start", "drain", "anchor", "offer", "switch", "sweep", "accept"]);
    assert.deepEqual(rotation.steps.map(({ step }) => step), events);
    assert.equal(rotation.steps[2]!.detail, "1 record anchored by the old key");
    assert.deepEqual(rotation.setting, { file: cli.path("pot.jsonc"), toSet: [] });
    // Anchor, offer and sweep; and no wei left.
    assert.equal(await home.nonce(first!.address), before + 3);
    assert.equal(await home.balance(first!.address), 0n);
    assert.equal(await home.owner(), next!.address);
    assert.equal(
      await Deno.readTextFile(cli.path("pot.jsonc")),
      FILE.replace("env:FIRST_KEY", "env:NEXT_KEY"),
    );
  });

  await t.step("the new key goes on with the log; audit and old proofs hold", async () => {
    const id = await home.record(3);
    const { code, json, err } = await cli.run("anchor", "--json");
    assert.equal(code, 0, err);
    assert.equal(json.recordCount, 1);
    await devnet.request("anvil_mine", ["0x50"]);
    const audit = await cli.run("log", "audit");
    assert.equal(audit.code, 0, audit.out + audit.err);
    assert.equal((await cli.run("prove", id, "-o", "new.json")).code, 0);
    assert.equal((await cli.run("verify", "new.json")).code, 0);
    const anchors = (await Deno.readTextFile(cli.path(".pot", "anchors.jsonl"))).trim().split("\n").map((
      line,
    ) => JSON.parse(line));
    assert.deepEqual([...new Set(anchors.map(({ facts }) => facts.submitter))], [
      first!.address,
      next!.address,
    ]);
  });

  await t.step("what is lost beside the log comes back of both accounts", async () => {
    await cli.run("anchor");
    await Deno.remove(cli.path(".pot", "anchors.jsonl"));
    const { code, json, err } = await cli.run("log", "rebuild", "--from-contract", "--json");
    assert.equal(code, 0, err);
    assert.deepEqual([...json.submitters].sort(), [first!.address, next!.address].sort());
    assert.equal((await cli.run("log", "audit")).code, 0);
  });

  await t.step("the old key is refused from then on, whoever has the setting", async () => {
    const nonce = await home.nonce(first!.address);
    await devnet.request("anvil_setBalance", [first!.address, "0xde0b6b3a7640000"]);
    await home.record(4);
    const old = { ...env, POT_KEY_SOURCE: "env:FIRST_KEY" };
    for (const args of [["anchor"], ["contract", "accept"], ["chain", "store", "ab".repeat(32)]]) {
      const { code, err } = await cli.runWith(old, ...args);
      assert.equal(code, 2, err);
      assert.match(err, /^error: Cannot sign as this signing key was retired\n/);
      assert.ok(err.includes(`in its place: ${next!.address} (env:NEXT_KEY)`), err);
    }
    const up = await cli.runWith(old, "up", "--port", "0");
    assert.match(up.err, /^error: Cannot start as this signing key was retired\n/);
    const { json } = await cli.runWith(old, "keys", "show", "--json");
    assert.equal(json.successor, next!.address);
    assert.equal(await home.nonce(first!.address), nonce);
    assert.equal((await cli.run("anchor")).code, 0);
  });

  await t.step("refuses what cannot take its place, and changes nothing", async () => {
    const listing = await cli.listing();
    assert.deepEqual((await rotateSigningKey(...await home.options())).steps, [], "done already");
    const refused = async (more: Partial<RotateSigningKeyOptions>, message: RegExp) =>
      await assert.rejects(async () => await rotateSigningKey(...await home.options(more)), { message });
    await refused({ to: "env:SAME_KEY" }, /as the new one is of the same account$/);
    await refused({ to: "env:FIRST_KEY" }, /as it was retired here$/);
    const [config, options] = await home.options();
    await assert.rejects(rotateSigningKey(config, { ...options, to: undefined as never }), {
      message: "Cannot rotate the signing key as it is not said which one is next",
    });
    const signer = await openKeyUri(parseKeyUri("env:NEXT_KEY")!, config).open();
    const liar = (source: string) =>
      source === "env:THIRD"
        ? Promise.resolve({ address: third!.address, signTransaction: signer.signTransaction })
        : Promise.resolve(signer);
    await refused({ to: "env:THIRD", openKey: liar }, /as what it signs is not of its account$/);
    assert.equal(
      (await cli.listing()).replaceAll(/^.*\.lock .*\n/gm, ""),
      listing.replaceAll(/^.*\.lock .*\n/gm, ""),
    );
  });

  await t.step("what is left after the switch can be given up", async () => {
    const [config, options] = await home.options({ to: "env:THIRD_KEY", isSweeping: true });
    const openKey = (source: string) =>
      openKeyUri(parseKeyUri(source)!, {
        ...config,
        keys: {
          ...config.keys,
          readVariable: (name) => name === "THIRD_KEY" ? third!.privateKey : config.keys.readVariable(name),
        },
      }).open();
    const stop = new Error("stopped");
    const onStep = ({ step }: { readonly step: string }) => {
      if (step === "switch") throw stop;
    };
    await assert.rejects(rotateSigningKey(config, { ...options, openKey, onStep }), stop);
    const { isSwitched, leftUndone } = await abortKeyRotation(config, { ...options, openKey });
    assert.deepEqual([isSwitched, leftUndone], [true, ["sweep"]]);
    assert.ok(await home.balance(next!.address) > 0n);
    const listed = await readKeyRotations(config.home, denoFiles);
    assert.deepEqual([listed.current, listed.retired.map(({ address }) => address)], [undefined, [
      first!.address,
      next!.address,
    ]]);
    // From there to a keystore with a passphrase of its own.
    const keystore = await encryptKeystore(fromHex(fourth!.privateKey.slice(2))!, {
      address: fourth!.address,
      passphrase: "a passphrase of its own",
      scryptN: 2,
    });
    await Deno.chmod(await cli.write("keys/new.json", JSON.stringify(keystore)), 0o600);
    const more = { THIRD_KEY: third!.privateKey, POT_NEW_KEYSTORE_PASSPHRASE: "a passphrase of its own" };
    const rotated = await cli.runWith(more, "keys", "rotate", "--to", "keystore:keys/new.json", "--json");
    assert.equal(rotated.code, 0, rotated.err);
    const trail = await Deno.readTextFile(cli.path(".pot", "access.jsonl"));
    for (const step of ["start", "drain", "anchor", "switch"]) {
      assert.ok(trail.includes(`"subject":"${step}: ${third!.address} to ${fourth!.address}"`), step);
    }
    assert.deepEqual(rotated.json.setting, {
      file: cli.path("pot.jsonc"),
      toSet: ["POT_KEYSTORE_PASSPHRASE or POT_KEYSTORE_PASSPHRASE_FILE is to open the new file"],
    });
    assert.equal(
      await Deno.readTextFile(cli.path("pot.jsonc")),
      FILE.replace("env:FIRST_KEY", "keystore:keys/new.json"),
    );
    await home.record(6);
    const anchored = await cli.runWith({ POT_KEYSTORE_PASSPHRASE: "a passphrase of its own" }, "anchor");
    assert.equal(anchored.code, 0, anchored.err);
    // Back to where this test was.
    await cli.write("pot.jsonc", FILE.replace("env:FIRST_KEY", "env:NEXT_KEY"));
    await Deno.remove(cli.path(".pot", "rotation.json"));
  });

  await t.step("goes back only where that is asked for", async () => {
    const [config, options] = await home.options({ to: "env:FIRST_KEY", isReinstating: true });
    await assert.rejects(
      rotateSigningKey(config, { ...options, until: "final", waitMs: 50 }),
      (error: Error & { facts: string[] }) => {
        assert.match(error.facts[0]!, /^still waiting for: \d of its transactions to be final, first nonce /);
        return true;
      },
    );
    await devnet.request("anvil_mine", ["0x50"]);
    const { json } = await cli.run("keys", "rotate", "--final", "--no-anchor", "--json");
    assert.equal(json.isResumed, true);
    assert.equal(json.to.address, first!.address);
    const { retired } = await readKeyRotations(cli.path(".pot"), denoFiles);
    assert.deepEqual(retired.map(({ address }) => address), [next!.address]);
    await home.record(5);
    assert.equal((await cli.run("anchor")).code, 0);
    await devnet.request("anvil_mine", ["0x50"]);
    const audit = await cli.run("log", "audit");
    assert.equal(audit.code, 0, audit.out + audit.err);
  });
});

Deno.test("rotateSigningKey() stops the old key while it waits, and can be ended before the switch", async () => {
  await using home = await startHome();
  const { devnet, cli } = home;
  const [first, next] = devnet.accounts;
  await devnet.request("evm_setAutomine", [false]);
  // What the old key has in flight: nobody mines it.
  const controller = new AbortController();
  const [config, options] = await home.options();
  {
    const endpoints = openEndpoints(config.evm!);
    await using sender = await openSender(config, { evm: config.evm!, endpoints });
    const sent = sender.send({ key: "slow", purpose: "test", to: first!.address, data: "0x" }, {
      signal: controller.signal,
    });
    while (sender.triedHashes("slow").length === 0) await systemClock.sleep(10);
    controller.abort(new DOMException("enough", "AbortError"));
    await assert.rejects(sent, { name: "AbortError" });
    // The daemon, say: it has the key's journal.
    const rotation = rotateSigningKey(config, { ...options, isTransferring: true, waitMs: 100 });
    await assert.rejects(rotation, (error: Error & { facts: string[] }) => {
      assert.match(
        error.facts[0]!,
        /^still waiting for: another process that sends with 0x\w+: stop the daemon/,
      );
      return true;
    });
    // It signs nothing new from then on, though it was there first.
    const late = sender.send({ key: "late", purpose: "test", to: first!.address, data: "0x" });
    await assert.rejects(late, { message: "Cannot test as the signing key is being replaced" });
  }
  const notices: string[] = [];
  const waiting = {
    ...options,
    isTransferring: true,
    waitMs: 150,
    onNotice: (line: string) => void notices.push(line),
  };
  await assert.rejects(
    rotateSigningKey(config, waiting),
    (error: Error & { exitCode: number; facts: string[] }) => {
      assert.equal(error.message, "Cannot go on with the rotation yet");
      assert.equal(error.exitCode, 3);
      assert.match(
        error.facts[0]!,
        /^still waiting for: 1 of its transactions to be confirmed, first nonce \d+ \(test, /,
      );
      return true;
    },
  );
  assert.match(notices[0]!, /^still waiting for 1 of its transactions to be confirmed/);

  // Neither key writes meanwhile; records are kept.
  await home.record(3);
  for (const env of [{}, { POT_KEY_SOURCE: "env:NEXT_KEY" }]) {
    const { code, err } = await cli.runWith(env, "anchor");
    assert.equal(code, 1, err);
    assert.match(
      err,
      /^error: Cannot anchor as the signing key is being (replaced|put in place of another)\n/,
    );
  }
  const other = await cli.run("keys", "rotate", "--to", "env:THIRD_KEY");
  assert.match(other.err, /^error: Cannot begin the rotation as another one is under way\n/);

  await devnet.request("evm_setAutomine", [true]);
  await devnet.request("evm_mine");
  // It goes on as far as the offer, and dies when that is done.
  const files = createDyingFiles(denoFiles);
  let died: unknown;
  for (let dieAt = 1; (await home.owner()) === first!.address; dieAt++) {
    const { current } = await readKeyRotations(join(cli.folder, ".pot"), denoFiles);
    if (current?.step === "switch") break;
    await rotateSigningKey(config, { ...options, files: createDyingFiles(denoFiles, { dieAt }) }).catch((
      error,
    ) => died = error);
  }
  assert.ok(died !== undefined && files.writes === 0);
  // As if the setting had been the last thing that it did.
  await cli.write("pot.jsonc", FILE.replace("FIRST", "NEXT"));
  const { from } = await abortKeyRotation(config, options);
  assert.equal(from.address, first!.address);
  const state = await checkContract({ endpoints: openEndpoints(config.evm!), contract: home.contract });
  assert.deepEqual([state.owner, state.pendingOwner === next!.address], [first!.address, false]);
  assert.equal(await Deno.readTextFile(cli.path("pot.jsonc")), FILE);
  await home.record(4);
  assert.equal((await cli.run("anchor")).code, 0);

  // An offer that no block has yet is not forgotten: it would come after the end.
  await devnet.request("evm_setAutomine", [false]);
  const stop = new AbortController();
  const offering = rotateSigningKey(config, {
    ...options,
    isTransferring: true,
    isAnchoring: false,
    signal: stop.signal,
  });
  const isOffered = async () =>
    await devnet.request("eth_getTransactionCount", [first!.address, "pending"]) !==
      await devnet.request("eth_getTransactionCount", [first!.address, "latest"]);
  while (!await isOffered()) await systemClock.sleep(20);
  stop.abort(new DOMException("enough", "AbortError"));
  await assert.rejects(offering, { name: "AbortError" });
  const waits = Promise.withResolvers<void>();
  const ending = abortKeyRotation(config, { ...options, onNotice: () => waits.resolve() });
  await Promise.race([waits.promise, ending]);
  await devnet.request("evm_setAutomine", [true]);
  await devnet.request("evm_mine");
  await ending;
  // Taken back by an offer to oneself.
  const { owner, pendingOwner } = await checkContract({
    endpoints: openEndpoints(config.evm!),
    contract: home.contract,
  });
  assert.deepEqual([owner, pendingOwner], [first!.address, first!.address]);
  const again = await cli.run("keys", "rotate", "--abort");
  assert.deepEqual([again.code, /none is under way/.test(again.err)], [2, true]);
});

Deno.test("rotateSigningKey(), dead at any write, goes on, and nothing happens twice", async () => {
  await using home = await startHome();
  const { devnet, cli } = home;
  const [first, next] = devnet.accounts;
  const before = await home.nonce(first!.address);
  const nextBefore = await home.nonce(next!.address);
  await Deno.rename(cli.path(".pot"), cli.path("fresh"));
  let snapshot = await devnet.request("evm_snapshot");

  async function reset(): Promise<void> {
    assert.equal(await devnet.request("evm_revert", [snapshot]), true);
    snapshot = await devnet.request("evm_snapshot");
    await Deno.remove(cli.path(".pot"), { recursive: true }).catch(() => {});
    await copyFolder(cli.path("fresh"), cli.path(".pot"));
    await cli.write("pot.jsonc", FILE);
  }

  async function check(what: string): Promise<void> {
    const rotations = await readKeyRotations(cli.path(".pot"), denoFiles);
    assert.deepEqual([rotations.current, rotations.retired.map(({ address }) => address)], [undefined, [
      first!.address,
    ]], what);
    // Anchor, offer, sweep and accept: once each.
    const nonces = [await home.nonce(first!.address), await home.nonce(next!.address)];
    assert.deepEqual(nonces, [before + 3, nextBefore + 1], what);
    assert.equal(await home.owner(), next!.address, what);
    assert.equal(await home.balance(first!.address), 0n, what);
    assert.equal(await Deno.readTextFile(cli.path("pot.jsonc")), FILE.replace("FIRST", "NEXT"), what);
  }

  const wanted = { isTransferring: true, isSweeping: true };
  await reset();
  const whole = createDyingFiles(denoFiles);
  await rotateSigningKey(...await home.options({ ...wanted, files: whole }));
  await check("without a death");
  const total = whole.writes;
  assert.ok(total > 40, `only ${total} writes`);
  for (let dieAt = 1; dieAt <= total; dieAt++) {
    // Each of the last ones, where both keys write; the journals' own are looked at elsewhere.
    if (dieAt < total - 14 && dieAt % 6 !== 0) continue;
    await reset();
    const files = createDyingFiles(denoFiles, { dieAt });
    await assert.rejects(async () => await rotateSigningKey(...await home.options({ ...wanted, files })));
    // The setting may be switched by now; the same command goes on all the same.
    const { isResumed } = await rotateSigningKey(...await home.options({ ...wanted }));
    if (dieAt > 10 && dieAt < total) assert.ok(isResumed, `dead at ${dieAt}`);
    await check(`dead at ${dieAt} of ${total}`);
  }
});

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(join(from, name), join(to, name));
    else await Deno.copyFile(join(from, name), join(to, name));
  }
}
