import assert from "node:assert/strict";
import { encodeFunctionData } from "viem/utils";
import { proofOfTrainingAbi } from "../../../contracts/artifact.ts";
import { createEndpointPool, type EndpointPool } from "../../../lib/chain/endpoint_pool.ts";
import { signCheckpointNote } from "../../../lib/core/checkpoint_note.ts";
import { importNoteSigner } from "../../../lib/core/note_key.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import type { AuditedChain } from "../../../lib/recorder/audit_chain.ts";
import { systemClock } from "../../../lib/runtime/system_clock.ts";
import {
  audit,
  copyHome,
  namedIn,
  openAuditedLog,
  openHome,
  ORIGIN,
  recordUpTo,
  signerKey,
} from "../../_fakes/audited_home.ts";
import { type ChainFixture, startChainFixture } from "../../_fakes/chain_fixture.ts";

let fixture: ChainFixture;
let original: string;
/** Back to where the chain was, again and again. */
let snapshot: string;

// Finalized is two blocks below the newest.
Deno.test.beforeAll(async () => {
  fixture = await startChainFixture(["--slots-in-an-epoch", "1"]);
  original = await Deno.makeTempDir({ prefix: "pot-audit-test-" });
  {
    await using client = fixture.client();
    await using opened = await openHome(original, {
      chain: client,
      contract: fixture.contract,
      anchoring: "each",
    });
    for (const size of [3, 5, 8]) {
      await recordUpTo(opened, size);
      await opened.recorder.anchorPending();
    }
    await recordUpTo(opened, 9);
  }
  await mine();
  snapshot = await fixture.devnet.request("evm_snapshot") as string;
});
Deno.test.afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
  await Deno.remove(original, { recursive: true });
});

async function mine(blocks = 6): Promise<void> {
  await fixture.devnet.request("anvil_mine", [`0x${blocks.toString(16)}`]);
}

async function restore(): Promise<void> {
  await fixture.devnet.request("evm_revert", [snapshot]);
  snapshot = await fixture.devnet.request("evm_snapshot") as string;
}

function chain(more: Partial<AuditedChain> = {}): AuditedChain {
  return {
    endpoints: createEndpointPool({
      urls: [fixture.devnet.rpcUrl],
      chainId: fixture.devnet.chainId,
      clock: systemClock,
      rounds: 1,
    }),
    chainId: `eip155:${fixture.devnet.chainId}`,
    contract: fixture.contract,
    account: fixture.devnet.accounts[1]!.address,
    ...more,
  };
}

/** Sends from the account that anchors, past all of our code. */
async function send(functionName: "anchor" | "storeHash", args: readonly unknown[]): Promise<void> {
  const data = encodeFunctionData(
    { abi: proofOfTrainingAbi, functionName, args } as Parameters<typeof encodeFunctionData>[0],
  );
  const { address } = fixture.devnet.accounts[1]!;
  await fixture.devnet.request("eth_sendTransaction", [{ from: address, to: fixture.contract, data }]);
  await mine();
}

async function changeLines(path: string, change: (lines: string[]) => readonly string[]): Promise<void> {
  const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
  await Deno.writeTextFile(path, `${change(lines).join("\n")}\n`);
}

// deno-lint-ignore no-explicit-any -- tests change what they like
function withChange(lines: readonly string[], at: number, change: (value: any) => void): readonly string[] {
  const value = JSON.parse(lines[at]!);
  change(value);
  return lines.with(at, JSON.stringify(value));
}

Deno.test("auditLog() finds nothing between a sound home and its contract", async () => {
  const report = await audit(original, { chain: chain() });
  assert.deepEqual(namedIn(report), []);
  assert.deepEqual([report.outcome, report.unknown, report.notes], ["clean", [], []]);
  assert.equal(
    report.areas.find(({ area }) => area === "contract")!.detail,
    "3 anchors and 8 stored hashes of ours, both ways",
  );
  assert.equal(report.block!.chainId, `eip155:${fixture.devnet.chainId}`);
});

Deno.test("auditLog() finds nothing while anchors are young, and says that it did not look for them", async () => {
  const newest = BigInt(await fixture.devnet.request("eth_blockNumber") as string);
  const report = await audit(original, { chain: chain({ block: newest - 8n }) });
  assert.deepEqual(namedIn(report), []);
  assert.equal(report.outcome, "clean");
  assert.match(
    report.notes.join("\n"),
    /of the anchors noted here are not final yet, and were not looked for/,
  );
});

Deno.test("auditLog() names an anchor that is noted here and not in the contract", async () => {
  await using copy = await copyHome(original);
  await using log = await openAuditedLog(`${copy.home}/log`);
  const head = await log.headAt(7n);
  const note = await signCheckpointNote({ ...head, origin: ORIGIN }, await importNoteSigner(signerKey));
  await changeLines(`${copy.home}/anchors.jsonl`, (lines) => [
    ...lines,
    withChange(lines, lines.length - 1, (anchor) => {
      Object.assign(anchor, { size: "7", root: head.root.toHex(), note });
      delete anchor.facts.inclusion.receiptProof;
    }).at(-1)!,
  ]);
  const named = namedIn(await audit(copy.home, { chain: chain() }));
  assert.equal(named.length, 1, named.join("\n"));
  assert.match(
    named[0]!,
    /^anchor-missing-on-chain \| anchors\.jsonl, line \d+ \| size 7, transaction 0x[0-9a-f]{64}: not among the anchors of 0x/,
  );
});

Deno.test("auditLog() names an anchor in the contract that is not noted here", async () => {
  await using copy = await copyHome(original);
  await changeLines(
    `${copy.home}/anchors.jsonl`,
    (lines) => lines.filter((line) => JSON.parse(line).size !== "5"),
  );
  const named = namedIn(await audit(copy.home, { chain: chain() }));
  assert.equal(named.length, 1, named.join("\n"));
  assert.match(
    named[0]!,
    /^anchor-missing-here \| 0x[0-9a-f]{40}, transaction 0x[0-9a-f]{64} \| size 5, block \d+: the log has that root$/,
  );
});

Deno.test("auditLog() names an anchor in the contract that the log never had", async () => {
  for (const size of [9n, 4_000n]) {
    await send("anchor", [`0x${"ee".repeat(32)}`, size]);
    const named = namedIn(await audit(original, { chain: chain() }));
    await restore();
    assert.equal(named.length, 1, named.join("\n"));
    const here = size === 9n ? /has another root there/ : /: the log is shorter$/;
    assert.match(named[0]!, /^anchor-extra-on-chain \| 0x[0-9a-f]{40}, transaction 0x[0-9a-f]{64} \| size /);
    assert.match(named[0]!, here);
  }
});

Deno.test("auditLog() finds anchors of the account that signs even where nothing is noted here", async () => {
  await using copy = await copyHome(original);
  await Deno.remove(`${copy.home}/anchors.jsonl`);
  const { findings } = await audit(copy.home, { chain: chain() });
  assert.deepEqual(findings.map(({ code, count }) => [code, count]), [["anchor-missing-here", 3]]);
});

Deno.test("auditLog() takes an anchor that is being made for no mismatch", async () => {
  await using copy = await copyHome(original);
  await changeLines(
    `${copy.home}/anchors.jsonl`,
    (lines) => lines.filter((line) => JSON.parse(line).size !== "8"),
  );
  const lock = await denoFiles.lock(`${copy.home}/anchoring.lock`);
  const busy = await audit(copy.home, { chain: chain() });
  assert.deepEqual(namedIn(busy), []);
  assert.match(busy.notes.join("\n"), /the anchor of size 8 is being made, and not noted yet/);
  lock.release();
  assert.match(namedIn(await audit(copy.home, { chain: chain() })).join("\n"), /^anchor-missing-here/);
});

Deno.test("auditLog() names an anchor that is noted in another place", async () => {
  await using copy = await copyHome(original);
  await changeLines(
    `${copy.home}/anchors.jsonl`,
    (lines) =>
      lines.map((_, i) =>
        withChange(lines, i, (anchor) => {
          if (anchor.size !== "5" || anchor.facts.inclusion === undefined) return;
          anchor.facts.inclusion.transactionHash = `0x${"77".repeat(32)}`;
          delete anchor.facts.inclusion.receiptProof;
        })[i]!
      ),
  );
  const named = namedIn(await audit(copy.home, { chain: chain() }));
  assert.equal(named.length, 1, named.join("\n"));
  assert.match(named[0]!, /^anchor-place-differs \| anchors\.jsonl, line \d+ \| size 5: noted is 0x7777/);
});

Deno.test("auditLog() does not believe an endpoint that leaves out or makes up an anchor", async () => {
  const { endpoints } = chain();
  // deno-lint-ignore no-explicit-any -- the answers of a node
  const lying = (change: (logs: any[]) => unknown[]): Pick<EndpointPool, "read"> => ({
    async read(method, params, options) {
      const answer = await endpoints.read(method, params, options);
      const isAnchors = method === "eth_getLogs" &&
        ((params as [{ topics: string[] }])[0].topics[0]!).startsWith("0xd6f0f013");
      // deno-lint-ignore no-explicit-any -- the answers of a node
      return isAnchors ? change(answer as any[]) : answer;
    },
  });
  const hidden = await audit(original, {
    chain: chain({ endpoints: lying((logs) => logs.toSpliced(1, 1)) }),
  });
  assert.match(
    namedIn(hidden).join("\n"),
    /^anchor-head-differs \| 0x[0-9a-f]{40}, 0x[0-9a-f]{40} \| the contract's state commits to an anchor of size \d that no endpoint tells of$/m,
  );
  assert.ok(!namedIn(hidden).some((line) => line.startsWith("anchor-missing-on-chain")));
  assert.match(
    hidden.unknown.join("\n"),
    /whether the anchor of anchors\.jsonl, line \d+ is in the contract/,
  );

  const madeUp = await audit(original, {
    chain: chain({
      endpoints: lying((logs) =>
        logs.length === 0 ? logs : [
          ...logs,
          {
            ...logs.at(-1),
            logIndex: "0x63",
            data: logs.at(-1).data.replace(/^0x0{63}./, `0x${"9".padStart(64, "0")}`),
          },
        ]
      ),
    }),
  });
  assert.match(
    namedIn(madeUp).join("\n"),
    /^anchor-head-differs \| .* \| the contract's state does not commit to the anchor of size 9 that an endpoint tells of$/m,
  );
});

Deno.test("auditLog() names a stored hash that is noted here and not in the contract", async () => {
  await using copy = await copyHome(original);
  await changeLines(
    `${copy.home}/stored.jsonl`,
    (lines) => withChange(lines, 3, (line) => line.transactionId = "4000"),
  );
  const named = namedIn(await audit(copy.home, { chain: chain() }));
  assert.match(
    named.join("\n"),
    /^stored-missing-on-chain \| stored\.jsonl, line 4 \| id 4000 does not hold [0-9a-f]{64}$/m,
  );
  assert.match(
    named.join("\n"),
    /^stored-missing-here \| 0x[0-9a-f]{40}, id 4 \| it is record 3 of the log$/m,
  );
  assert.equal(named.length, 2);
});

Deno.test("auditLog() names a stored record that the log never had, and lets pass what was stored by hand", async () => {
  await send("storeHash", ["ab".repeat(32), '{"schema":"pot-record/1"}']);
  const { findings } = await audit(original, { chain: chain() });
  await restore();
  assert.deepEqual(findings.map(({ code, examples }) => [code, examples[0]!.detail]), [
    ["stored-extra-on-chain", `hash ${"ab".repeat(32)}, {"schema":"pot-record/1"}`],
  ]);
  await send("storeHash", ["ab".repeat(32), "by hand"]);
  const report = await audit(original, { chain: chain() });
  await restore();
  assert.deepEqual([namedIn(report), report.notes], [[], [
    "1 of the hashes in the contract were stored by hand, not by the log",
  ]]);
});

Deno.test("auditLog() names a contract whose code is another than was anchored in, or that is gone", async () => {
  await using copy = await copyHome(original);
  await changeLines(
    `${copy.home}/anchors.jsonl`,
    (lines) =>
      lines.map((_, i) => withChange(lines, i, ({ facts }) => facts.codeHash = `0x${"00".repeat(32)}`)[i]!),
  );
  const named = namedIn(await audit(copy.home, { chain: chain() }));
  assert.match(
    named.join("\n"),
    /^contract-differs \| 0x[0-9a-f]{40} \| its code hashes to 0x[0-9a-f]{64}, noted here is 0x0{64}$/,
  );
  await fixture.devnet.request("anvil_setCode", [fixture.contract, "0x"]);
  await mine();
  const gone = namedIn(await audit(original, { chain: chain() }));
  await restore();
  assert.match(
    gone.join("\n"),
    /^contract-differs \| .* \| there is no contract at block \d+, though 3 anchors/,
  );
});

Deno.test("auditLog() names a captured receipt that does not hold", async () => {
  await using copy = await copyHome(original);
  const path = `${copy.home}/anchors.jsonl`;
  const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
  const at = lines.findIndex((line) => typeof JSON.parse(line).facts.inclusion?.receiptProof === "object");
  assert.ok(at >= 0, "no receipt was captured");
  for (const field of ["header", "receipt"]) {
    await changeLines(path, () =>
      withChange(lines, at, ({ facts }) => {
        const proof = facts.inclusion.receiptProof;
        const bytes = Uint8Array.fromBase64(proof[field]);
        bytes[bytes.length - 3]! ^= 1;
        proof[field] = bytes.toBase64();
      }));
    const named = namedIn(await audit(copy.home, { chain: chain() }));
    assert.equal(named.length, 1, named.join("\n"));
    assert.match(
      named[0]!,
      new RegExp(`^receipt-proof-invalid \\| anchors\\.jsonl, line ${at + 1} \\| size \\d`),
    );
  }
});

Deno.test("auditLog() tells an outage from a mismatch", async () => {
  const dead = createEndpointPool({
    urls: ["http://127.0.0.1:1"],
    chainId: fixture.devnet.chainId,
    clock: systemClock,
    rounds: 1,
  });
  const silent = await audit(original, { chain: chain({ endpoints: dead }) });
  assert.deepEqual([namedIn(silent), silent.outcome], [[], "unknown"]);
  assert.match(
    silent.unknown[0]!,
    /^what the contract holds: Cannot read from the chain as no RPC endpoint gave an answer$/,
  );
  assert.equal(silent.areas.at(-1)!.outcome, "unknown");

  const { endpoints } = chain();
  const halfDead: Pick<EndpointPool, "read"> = {
    read: (method, params, options) =>
      (method === "eth_getLogs" ? dead : endpoints).read(method, params, options),
  };
  const half = await audit(original, { chain: chain({ endpoints: halfDead }) });
  assert.deepEqual([namedIn(half), half.outcome], [[], "unknown"]);
});
