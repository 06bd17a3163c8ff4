/**
 * Kills `pot contract deploy`, `migrate` and `pause` at every single request they make, before and after the node gets it, each time
 * from a fresh home, and lets the next run finish: `deno run -A tests/kill/run_contract.ts`.
 */
import assert from "node:assert/strict";
import { startDevnet } from "../../lib/chain/devnet.ts";
import { runKilled } from "./killed_command.ts";

await using devnet = await startDevnet({ args: ["--disable-default-create2-deployer"] });
const { address, privateKey } = devnet.accounts[0]!;
const env = { CHAIN_ID: "31337", PRIVATE_KEY: privateKey };
const { rpcUrl } = devnet;
const nonce = async () => Number(await devnet.request("eth_getTransactionCount", [address, "latest"]));
/** What each command sends, after those before it. */
const ALL = [["deploy", 2], ["migrate", 2], ["pause", 1]] as const;
const COMMANDS = Deno.args[0] === "migrate" ? ALL.slice(0, 2) : ALL;
let kills = 0;

for (const [i, [command, transactions]] of COMMANDS.entries()) {
  for (const when of ["before", "after"] as const) {
    for (let number = 1;; number++) {
      const snapshot = await devnet.request("evm_snapshot");
      const folder = await Deno.makeTempDir();
      const run = async (args: readonly string[], kill?: Parameters<typeof runKilled>[0]["kill"]) =>
        await runKilled({
          folder,
          env,
          rpcUrl,
          args: ["contract", ...args, "--json"],
          ...(kill && { kill }),
        });
      for (const [earlier] of COMMANDS.slice(0, i)) {
        const { code, err } = await run([earlier]);
        assert.equal(code, 0, `${earlier}: ${err}`);
      }
      const before = await nonce();
      const contract = i === 0
        ? undefined
        : JSON.parse(await Deno.readTextFile(`${folder}/deployments/31337.json`)).contractAddress;
      const args = command === "migrate" ? [command, contract] : [command];
      const killed = await run(args, { at: (_body, n) => n === number, when });
      const { code, err } = await run(args);
      assert.equal(code, 0, `${command}, killed ${when} request ${number}: ${err}`);
      assert.equal(await nonce() - before, transactions, `${command}, killed ${when} request ${number}`);
      await Deno.remove(folder, { recursive: true });
      await devnet.request("evm_revert", [snapshot]);
      if (!killed.wasKilled) {
        console.log(`${command}: killed ${when} each of its ${killed.requests} requests`);
        break;
      }
      kills++;
    }
  }
}
console.log(`${kills} kills; nothing was lost, nothing was sent twice`);
