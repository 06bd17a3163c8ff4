import assert from "node:assert/strict";
import { startDevnet } from "../../lib/chain/devnet.ts";
import { mapInOrder } from "../../lib/core/map_in_order.ts";
import { leafHash } from "../../lib/core/merkle/leaf_hash.ts";
import { generateNoteKey, importNoteSigner } from "../../lib/core/note_key.ts";
import { signCheckpointNote } from "../../lib/core/checkpoint_note.ts";
import { type CliHarness, createCli } from "../_fakes/cli_harness.ts";

const page = await Deno.readTextFile(new URL("../../docs/verify-by-hand.md", import.meta.url));
/** What a reader would type, in order. */
const blocks = [...page.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block]) => block!);
const ORIGIN = "pot/by-hand";
const STEPS = [
  "setup",
  "record",
  "artifact",
  "leaf",
  "path",
  "checkpoint",
  "signature",
  "chain",
  "event",
  "block",
  "finality",
];

interface Walk {
  readonly code: number;
  readonly out: string;
  /** How many blocks went through, and the name of the one that did not. */
  readonly stoppedAt: string | undefined;
}

/** Walks a reader through the page, who stops at the first thing that is wrong. */
async function walk(folder: string, env: Readonly<Record<string, string>>): Promise<Walk> {
  const own = await Deno.makeTempDir({ dir: folder });
  const script = blocks.map((block, i) => `${block}echo "== ${STEPS[i]} done"\n`).join("");
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-euo", "pipefail", "-c", script],
    cwd: own,
    env: { ...env, PROOF: `${folder}/${env["PROOF"]}`, ARTIFACT: `${folder}/${env["ARTIFACT"]}` },
    stdin: "null",
  }).output();
  const out = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  const stoppedAt = STEPS.find((step) => !out.includes(`== ${step} done`));
  return { code, out, stoppedAt };
}

/** A small log on a chain of its own, and one proof of it in the middle. */
async function prepare(cli: CliHarness): Promise<void> {
  await cli.run("init", "--origin", ORIGIN);
  assert.equal((await cli.run("contract", "deploy")).code, 0);
  await cli.write("model.bin", "weights");
  const ids: string[] = [];
  for (let step = 1; step <= 11; step++) {
    await cli.write("other.bin", `weights ${step}`);
    const args = [
      "record",
      "checkpoint",
      step === 7 ? "model.bin" : "other.bin",
      "--run",
      "run-1",
      "--step",
      String(step),
    ];
    ids.push((await cli.run(...args, "--json")).json.records[0].id);
  }
  assert.equal((await cli.run("anchor")).code, 0);
  await cli.run("prove", ids[6]!, "-o", "p.json");
  await cli.run("prove", ids[10]!, "-o", "last.json");
}

/** What the page uses that this machine lacks. Node and npm bring none of these; .ci/run installs them. */
const missing = (await Promise.all(
  ["bash", "jq", "xxd", "curl", "openssl", "sha256sum", "base64"].map(async (tool) => {
    const { success } = await new Deno.Command("sh", { args: ["-c", `command -v ${tool}`], stdout: "null" })
      .output().catch(() => ({ success: false }));
    return success ? [] : [tool];
  }),
)).flat();
const lacks = missing.length === 0 ? "" : ` (not run: this machine lacks ${missing.join(", ")})`;

Deno.test({
  name:
    `docs/verify-by-hand.md leads through a real proof, and catches a wrong one where it is wrong${lacks}`,
  ignore: missing.length > 0,
  fn: walkThePage,
});

async function walkThePage(t: Deno.TestContext): Promise<void> {
  assert.equal(blocks.length, STEPS.length, "every block has a name here");
  await using devnet = await startDevnet();
  const [owner, stranger] = devnet.accounts;
  await using cli = await createCli({
    env: {
      RPC_URL: devnet.rpcUrl,
      CHAIN_ID: "31337",
      PRIVATE_KEY: owner!.privateKey,
      POT_CONFIRMATIONS: "1",
    },
  });
  await prepare(cli);
  await devnet.request("anvil_mine", ["0x50"]);
  // deno-lint-ignore no-explicit-any -- a JSON document to tamper with
  const proof: any = JSON.parse(await Deno.readTextFile(cli.path("p.json")));
  const env = {
    PROOF: "p.json",
    ARTIFACT: "model.bin",
    LOG_KEY: proof.logKeys[0],
    SUBMITTER: owner!.address,
    RPC: devnet.rpcUrl,
  };

  await t.step("goes through with a good proof", async () => {
    const { code, out, stoppedAt } = await walk(cli.folder, env);
    assert.deepEqual([code, stoppedAt], [0, undefined], out);
    assert.doesNotMatch(out, /WRONG/);
    assert.match(out, /ok: the record is in the tree of 11 records with root [0-9a-f]{64}\n/);
    assert.match(out, /Signature Verified Successfully/);
    assert.match(out, /ok: the block is final\n/);
    assert.match(out, /this record existed by 20[0-9-]+T[0-9:]+Z\n/);
    assert.ok(out.includes(`the record's id is ${leafHash(Uint8Array.fromBase64(proof.record)).toHex()}\n`));
  });

  await t.step("goes through for the last record, whose path is shorter", async () => {
    await cli.write("p11.bin", "weights 11");
    const { code, out } = await walk(cli.folder, { ...env, PROOF: "last.json", ARTIFACT: "p11.bin" });
    assert.equal(code, 0, out);
  });

  const anchor = proof.anchors[0];
  const stolen = await importNoteSigner((await generateNoteKey(ORIGIN)).signerKey);
  const record = new TextDecoder().decode(Uint8Array.fromBase64(proof.record));
  const toBase64 = (text: string) => new TextEncoder().encode(text).toBase64();
  const forgedRoot = leafHash(new TextEncoder().encode(record.replace('"step":7', '"step":8')));
  const alone = { size: "1", root: forgedRoot.toHex(), path: [] };
  const forgedNote = await signCheckpointNote({ origin: ORIGIN, size: 1n, root: forgedRoot }, stolen);
  const forged = { record: toBase64(record.replace('"step":7', '"step":8')), index: "0" };
  /** What is changed, and the block that must stop at it. */
  const lies: readonly (readonly [
    string,
    string,
    { proof?: object; anchor?: object; inclusion?: object; env?: Record<string, string> },
  ])[] = [
    ["a local anchor", "setup", { anchor: { kind: "local" } }],
    ["another artifact", "artifact", { env: { ARTIFACT: "other.bin" } }],
    ["a changed record", "path", { proof: { record: forged.record } }],
    ["another index", "path", { proof: { index: "5" } }],
    ["another size", "path", { anchor: { size: "7" } }],
    ["a node more", "path", { anchor: { path: [...anchor.path, anchor.root] } }],
    ["a tree of one's own", "checkpoint", { proof: forged, anchor: alone }],
    ["a checkpoint of one's own", "signature", {
      proof: forged,
      anchor: { ...alone, checkpoint: forgedNote },
    }],
    ["another log's key", "signature", { env: { LOG_KEY: stolen.verifierKey } }],
    ["another chain", "chain", { anchor: { chainId: "eip155:1" } }],
    ["a transaction that is not there", "chain", {
      inclusion: { transactionHash: `0x${"ab".repeat(32)}` },
    }],
    ["another event", "event", { inclusion: { logIndex: 1 } }],
    ["another account than the published one", "event", { env: { SUBMITTER: stranger!.address } }],
    ["another block", "block", { inclusion: { blockHash: `0x${"cd".repeat(32)}` } }],
    ["an earlier time", "block", { inclusion: { blockTime: anchor.inclusion.blockTime - 1 } }],
  ];
  // Most of a walk is starting processes, so several go at once.
  const walks = mapInOrder(lies.entries(), async ([i, [, , change]]) => {
    const changed = {
      ...proof,
      ...change.proof,
      anchors: [{ ...anchor, ...change.anchor, inclusion: { ...anchor.inclusion, ...change.inclusion } }],
    };
    await cli.write(`tampered-${i}.json`, JSON.stringify(changed));
    return await walk(cli.folder, { ...env, PROOF: `tampered-${i}.json`, ...change.env });
  }, { concurrency: () => 4 });
  for (const [name, step] of lies) {
    await t.step(`stops at the ${step} for ${name}`, async () => {
      const { code, out, stoppedAt } = (await walks.next()).value!;
      assert.notEqual(code, 0);
      assert.equal(stoppedAt, step, out);
    });
  }

  await t.step(
    "stops at the signature for a tree that was signed by another key and anchored by another account",
    async () => {
      await cli.write(
        "tampered.json",
        JSON.stringify({
          ...proof,
          ...forged,
          logKeys: [stolen.verifierKey],
          anchors: [{ ...anchor, ...alone, checkpoint: forgedNote }],
        }),
      );
      assert.equal((await walk(cli.folder, { ...env, PROOF: "tampered.json" })).stoppedAt, "signature");
      // Who trusts the proof's own key is stopped by the chain.
      const trusting = { ...env, PROOF: "tampered.json", LOG_KEY: stolen.verifierKey };
      assert.equal((await walk(cli.folder, trusting)).stoppedAt, "event");
    },
  );
}
