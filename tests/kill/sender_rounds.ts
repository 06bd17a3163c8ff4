import assert from "node:assert/strict";
import { hashStoredTopics, hashTopic, parseHashStored } from "../../lib/chain/contract_events.ts";
import { parseFoundLogs } from "../../lib/chain/rpc_values.ts";
import { startChainFixture } from "../_fakes/chain_fixture.ts";
import { numberedHash } from "./numbered_hash.ts";

const ACCOUNT = 1;
const MEAN_BLOCK_MS = 60;

export interface SenderRoundsOptions {
  /** How often the process is killed before the one that may end. */
  readonly kills: number;
  /** Hashes to store, over all lives. */
  readonly count: number;
  /** A number from 0 to 1, for when each process is killed. @default Math.random */
  readonly random?: () => number;
}

/**
 * Kills a process that stores hashes on a chain with SIGKILL at random moments and starts it again on the same home folder; the last one
 * ends by itself. Each hash is then stored exactly once, in as many transactions, and all whose write had resolved are among them.
 * Answers with how many kills met a process at work.
 */
export async function senderRounds(
  { kills, count, random = Math.random }: SenderRoundsOptions,
): Promise<number> {
  await using chain = await startChainFixture(["--no-mining"]);
  const { devnet, contract, folder } = chain;
  const { address, privateKey } = devnet.accounts[ACCOUNT]!;
  // Blocks every now and then, so that a kill meets transactions in every state.
  const mining = setInterval(() => devnet.request("evm_mine").catch(() => {}), MEAN_BLOCK_MS);
  try {
    const start = () =>
      new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "--quiet", "--no-check", "--no-lock", "-A", "--config", configPath],
          new URL("hash_storer.ts", import.meta.url).pathname,
          ...[folder, devnet.rpcUrl, contract, privateKey, String(count)],
        ],
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
    const resolved = new Set<string>();
    let met = 0;
    for (let life = 0; life <= kills; life++) {
      const isLast = life === kills;
      // By work done, not by time: a quick machine would be through before the first kill.
      const lastLine = Math.floor((life + random()) * count / (kills + 1));
      const death = isLast ? undefined : { lines: 1 + lastLine, delayMs: random() * MEAN_BLOCK_MS };
      const { text, wasKilled } = await live(start(), death);
      for (const line of text.split("\n").slice(1, -1)) resolved.add(line);
      if (wasKilled) met++;
    }
    assert.equal(resolved.size, count, "the last one did not store all");
    const topics = hashStoredTopics(address);
    const found = parseFoundLogs(
      await devnet.request("eth_getLogs", [{
        address: contract,
        topics,
        fromBlock: "0x0",
        toBlock: "latest",
      }]),
    ).map((log) => parseHashStored(log, contract)?.hashTopic);
    const wanted = Array.from({ length: count }, (_, n) => hashTopic(numberedHash(n)));
    assert.deepEqual(found.toSorted(), wanted.toSorted(), "a hash is missing, or there twice");
    const nonces = await Promise.all(
      ["latest", "pending"].map((tag) => devnet.request("eth_getTransactionCount", [address, tag])),
    );
    assert.deepEqual(nonces.map(Number), [count, count], "a transaction too many");
    return met;
  } finally {
    clearInterval(mining);
  }
}

/** What it printed until it ended, or was killed that long after so many lines. */
async function live(
  child: Deno.ChildProcess,
  death: { readonly lines: number; readonly delayMs: number } | undefined,
): Promise<{ readonly text: string; readonly wasKilled: boolean }> {
  const stderr = new Response(child.stderr).text();
  const decoder = new TextDecoder();
  let text = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    for await (const bytes of child.stdout) {
      text += decoder.decode(bytes, { stream: true });
      if (death !== undefined && text.split("\n").length > death.lines) {
        timer ??= setTimeout(() => child.kill("SIGKILL"), death.delayMs);
      }
    }
    const { signal, success } = await child.status;
    assert.ok(success || signal === "SIGKILL", await stderr);
    return { text, wasKilled: signal === "SIGKILL" };
  } finally {
    clearTimeout(timer);
    await stderr;
  }
}

const configPath = new URL("../../deno.json", import.meta.url).pathname;
