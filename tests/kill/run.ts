/**
 * Kill rounds in number, on every store and on the sender.
 *
 *     deno run -A tests/kill/run.ts [rounds]
 */
import { startPostgres } from "../_fakes/postgres_server.ts";
import { killRounds, type KillTarget } from "./kill_rounds.ts";
import { senderRounds } from "./sender_rounds.ts";
import { ledgerTarget, logTarget } from "./targets.ts";

const rounds = Number(Deno.args[0] ?? 200);
/** A store that grows takes longer to check, so a fresh one is taken after this many rounds. */
const ROUNDS_A_STORE = 20;

await using postgres = await startPostgres();
await inFolders(logTarget);
await inFolders(ledgerTarget);
await run(async (rounds) => {
  const target = logTarget(await postgres.createDatabase());
  return { name: target.name, promised: await killRounds(target, { rounds }) };
});
await runSender();

/** Twelve kills and an end to each chain. */
async function runSender(): Promise<void> {
  const startMs = performance.now();
  const count = 100;
  let kills = 0;
  let stored = 0;
  while (kills < rounds) {
    kills += await senderRounds({ kills: 12, count });
    stored += count;
  }
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(0);
  console.log(`sender: ${kills} kills, ${stored} hashes, each stored exactly once (${seconds} s)`);
}

async function inFolders(targetIn: (folder: string) => KillTarget): Promise<void> {
  await run(async (rounds) => {
    const folder = await Deno.makeTempDir();
    try {
      const target = targetIn(folder);
      return { name: target.name, promised: await killRounds(target, { rounds }) };
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

async function run(
  onFreshStore: (rounds: number) => Promise<{ readonly name: string; readonly promised: number }>,
): Promise<void> {
  const startMs = performance.now();
  let total = 0;
  let store = "";
  for (let done = 0; done < rounds; done += ROUNDS_A_STORE) {
    const { name, promised } = await onFreshStore(Math.min(ROUNDS_A_STORE, rounds - done));
    total += promised;
    store = name;
  }
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(0);
  console.log(`${store}: ${rounds} rounds, ${total} resolved appends, none lost, none twice (${seconds} s)`);
}
