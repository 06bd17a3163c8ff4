/**
 * Backup torture, long form: real processes that back up and restore are killed at a random moment while another one records.
 * After each, the newest verified backup must restore to a log that its audit finds clean.
 *
 *     deno run -A tests/backup/run.ts [seed] [minutes]
 */
import { join } from "node:path";
import { seededRandom } from "../../cli/chaos/seeded_random.ts";
import { auditHome } from "../../lib/runtime/audit_home.ts";
import { initialize } from "../../lib/runtime/initialize.ts";
import { openBackups } from "../../lib/runtime/open_backups.ts";
import { openRuntime } from "../../lib/runtime/open_runtime.ts";
import { parseConfig } from "../../lib/runtime/parse_config.ts";
import { rehearseRestore } from "../../lib/runtime/rehearse_restore.ts";

const CLI = new URL("../../cli/main.ts", import.meta.url).pathname;
/** One that is not killed takes about this long. */
const WHOLE_MS = 1_200;

async function killed(folder: string, args: readonly string[], afterMs: number): Promise<boolean> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-lock", "-A", CLI, ...args],
    cwd: folder,
    env: { POT_BACKUP_TARGETS: join(folder, "backups"), POT_BACKUP_KEEP: "last=5" },
    stdout: "null",
    stderr: "null",
  }).spawn();
  const timer = setTimeout(() => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }, afterMs);
  const { success } = await child.status;
  clearTimeout(timer);
  return !success;
}

async function main(): Promise<void> {
  const [seed = Date.now() % 1_000_000, minutes = 5] = Deno.args.map(Number);
  const random = seededRandom(seed);
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "pot-backup-" }));
  console.log(`seed ${seed}, ${minutes} minutes`);
  try {
    const { origin } = await initialize({ folder });
    const config = parseConfig({ folder, env: { POT_BACKUP_TARGETS: "backups" }, file: { origin } });
    let step = 0;
    const record = async (count: number) => {
      await using runtime = await openRuntime(config);
      for (let i = 0; i < count; i++) await runtime.recorder.recordCheckpoint({ runId: "r", step: ++step });
      await runtime.recorder.anchorPending();
    };
    await record(500);
    const backups = openBackups(config);
    await backups.create();
    const counts = { rounds: 0, killed: 0, restored: 0 };
    for (const endMs = Date.now() + minutes * 60_000; Date.now() < endMs; counts.rounds++) {
      const recording = record(random.between(1, 60));
      const afterMs = random.between(1, WHOLE_MS);
      if (await killed(folder, ["backup", "create"], afterMs)) counts.killed++;
      await recording;
      const { audit } = await rehearseRestore(config, backups);
      if (audit.outcome !== "clean") {
        throw new Error(`round ${counts.rounds}: ${JSON.stringify(audit.findings)}`);
      }
      if (random.between(1, 3) > 1) continue;
      // What is put in place is cut off as well; whoever opens the home next completes it.
      if (await killed(folder, ["backup", "restore", "--apply"], random.between(1, WHOLE_MS))) {
        counts.killed++;
      }
      counts.restored++;
      await record(1);
      const whole = await auditHome(config);
      if (whole.outcome !== "clean") {
        throw new Error(`round ${counts.rounds}: ${JSON.stringify(whole.findings)}`);
      }
      for await (const { name } of Deno.readDir(join(folder, ".pot"))) {
        if (name.startsWith("before-restore-")) {
          await Deno.remove(join(folder, ".pot", name), { recursive: true });
        }
      }
      await backups.create();
      await backups.prune({ rule: { last: 5 }, isDryRun: false });
    }
    console.log(
      `${counts.rounds} rounds: ${counts.killed} processes killed, ${counts.restored} restores; always restorable`,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

await main();
