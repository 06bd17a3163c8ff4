import assert from "node:assert/strict";
import { killRounds, type KillTarget } from "./kill_rounds.ts";
import { senderRounds } from "./sender_rounds.ts";
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

Deno.test({
  name: "storeHash() on a chain loses and doubles nothing when its process is killed",
  ignore: Deno.build.os === "windows",
  async fn() {
    assert.ok(await senderRounds({ kills: 4, count: 24 }) > 0, "no kill met a process at work");
  },
});
