import { killRounds, type KillTarget } from "./kill_rounds.ts";
import { ledgerTarget, logTarget } from "./targets.ts";

async function inFolder(target: (folder: string) => KillTarget): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await killRounds(target(folder), { rounds: 6 });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("append() of the file log loses and duplicates nothing when writers are killed", () =>
  inFolder(logTarget));

Deno.test("storeHash() of the local ledger loses and duplicates nothing when writers are killed", () =>
  inFolder(ledgerTarget));
