import assert from "node:assert/strict";
import { encryptKeystore } from "../../lib/keys/keystore.ts";
import { startDevnet } from "../../lib/chain/devnet.ts";
import { createCli } from "../_fakes/cli_harness.ts";
import { refuses } from "../_fakes/refuses.ts";

const PASSPHRASE = "correct horse battery staple";

Deno.test("pot keys new makes an account that signs, and shows its key to nobody", async (t) => {
  await using devnet = await startDevnet();
  const env = { RPC_URL: devnet.rpcUrl, CHAIN_ID: "31337" };
  const [rich] = devnet.accounts;
  await using cli = await createCli({ env });
  let file = "";

  await t.step("encrypts the key of the environment, and a new one", async () => {
    await cli.write("passphrase", `${PASSPHRASE}\n`);
    const secrets = { PRIVATE_KEY: rich!.privateKey };
    const taken = await cli.runWith(
      secrets,
      ...[
        "keys",
        "new",
        "--from-environment",
        "--output",
        "rich.json",
        "--passphrase-file",
        "passphrase",
        "--json",
      ],
    );
    assert.deepEqual(taken.json, { address: rich!.address, file: cli.path("rich.json") });
    const made = await cli.runWith({ POT_KEYSTORE_PASSPHRASE: PASSPHRASE }, "keys", "new");
    assert.deepEqual([made.code, made.err], [0, ""]);
    file = /^wrote (\.pot\/keystore\/0x[0-9a-f]{40}\.json)\n/.exec(made.out)![1]!;
    const text = await Deno.readTextFile(cli.path(file));
    assert.ok(!`${made.out}${taken.out}${text}`.includes(PASSPHRASE));
    assert.ok(
      !`${taken.out}${await Deno.readTextFile(cli.path("rich.json"))}`.includes(rich!.privateKey.slice(2)),
    );
    if (Deno.build.os !== "windows") assert.equal((await Deno.stat(cli.path(file))).mode! & 0o777, 0o600);
  });

  await t.step("refuses what would lose or leak a key", async () => {
    await refuses(cli, ["keys", "new", "--output", "rich.json"], {
      code: 2,
      env: { POT_KEYSTORE_PASSPHRASE: PASSPHRASE },
      message: "Cannot write the keystore as the file is there already",
    });
    await refuses(cli, ["keys", "new"], {
      code: 2,
      env: { POT_KEYSTORE_PASSPHRASE: "too little" },
      message: "Cannot use the passphrase as it is shorter than 12 characters",
    });
    await refuses(cli, ["keys", "new"], {
      code: 2,
      message: "Cannot go on as no passphrase is given",
      hint: /POT_KEYSTORE_PASSPHRASE/,
    });
    await refuses(cli, ["keys", "new", "--from-environment"], {
      code: 2,
      env: { PRIVATE_KEY: "" },
      message: "Cannot encrypt the key as PRIVATE_KEY holds none",
    });
  });

  // The rest with a key that costs no second to open.
  const cheap = await encryptKeystore(Uint8Array.fromHex(rich!.privateKey.slice(2)), {
    address: rich!.address,
    passphrase: PASSPHRASE,
    scryptN: 2,
  });
  await cli.write("rich.json", JSON.stringify(cheap));

  await t.step("shows whose key it is without opening it", async () => {
    const none = await cli.run("keys", "show");
    assert.equal(none.code, 2);
    assert.match(none.err, /^error: Cannot show the signing account as none is configured\n/);
    const byKey = await cli.runWith({ PRIVATE_KEY: rich!.privateKey }, "keys", "show");
    assert.equal(byKey.out, `${rich!.address}\n  from      env PRIVATE_KEY\n`);
    const shown = await cli.run("keys", "show", "rich.json", "--json");
    assert.deepEqual(shown.json, {
      address: rich!.address,
      source: `keystore ${cli.path("rich.json")}`,
      isUnlocked: false,
    });
    const opened = await cli.runWith(
      { POT_KEYSTORE_PASSPHRASE: PASSPHRASE },
      "keys",
      "show",
      "rich.json",
      "--unlock",
    );
    assert.match(opened.out, /rich\.json, which opens\n$/);
    await refuses(cli, ["keys", "show", "rich.json", "--unlock"], {
      code: 2,
      env: { POT_KEYSTORE_PASSPHRASE: "wrong horse battery staple" },
      message: "Cannot open the keystore as the passphrase is wrong, or the file was changed",
    });
  });

  await t.step("POT_KEYSTORE signs, with the passphrase from the environment or a file", async () => {
    const signing = { POT_KEYSTORE: "rich.json" };
    const deployed = await cli.runWith(
      { ...signing, POT_KEYSTORE_PASSPHRASE: PASSPHRASE },
      "contract",
      "deploy",
      "--json",
    );
    assert.equal(deployed.json.deployment.deployer, rich!.address);
    // A dry run needs no passphrase.
    assert.equal((await cli.runWith(signing, "contract", "deploy", "--dry-run")).code, 0);
    const paused = await cli.runWith(
      { ...signing, POT_KEYSTORE_PASSPHRASE_FILE: "passphrase" },
      "contract",
      "pause",
    );
    assert.equal(paused.code, 0, paused.err);
    await refuses(cli, ["contract", "unpause"], {
      code: 2,
      env: signing,
      message: "Cannot open the keystore as no passphrase is given",
      hint: /POT_KEYSTORE_PASSPHRASE_FILE/,
    });
    const both = { ...signing, PRIVATE_KEY: rich!.privateKey };
    await refuses(cli, ["contract", "unpause"], {
      code: 2,
      env: both,
      message: /^Cannot use the configuration/,
      fact: "PRIVATE_KEY and POT_KEYSTORE must not be given together: which key signs?",
    });
  });
});
