import assert from "node:assert/strict";
import { join } from "node:path";
import { systemClock } from "../../lib/runtime/system_clock.ts";
import { startChainFixture } from "../_fakes/chain_fixture.ts";
import { type CliHarness, createCli } from "../_fakes/cli_harness.ts";
import { opsPath, readDashboardQueries } from "../_fakes/monitoring_files.ts";
import { findProgram, type PrometheusServer, startPrometheus } from "../_fakes/prometheus_server.ts";
import { startDaemon } from "../_fakes/daemon_process.ts";

/** What a real Prometheus got of a real daemon. */
export interface ScrapeFigures {
  readonly series: number;
  readonly queries: number;
  readonly rules: number;
}

/**
 * Lets a real Prometheus, configured as shipped, scrape a real daemon that works on a real Anvil. `undefined` where Prometheus is
 * not installed.
 *
 * @throws {AssertionError} when a query of the dashboard has no data, a rule cannot be weighed, or fewer than 30 series come in
 */
export async function scrape(
  { seconds = 120 }: { readonly seconds?: number } = {},
): Promise<ScrapeFigures | undefined> {
  const program = await findProgram("prometheus");
  if (program === undefined) return undefined;
  const signal = AbortSignal.timeout(seconds * 1_000);
  await using chain = await startChainFixture(["--block-time", "1", "--slots-in-an-epoch", "1"]);
  const { port } = new URL(chain.devnet.rpcUrl);
  const env = {
    POT_RPC_URLS: `http://127.0.0.1:${port},http://localhost:${port}`,
    CHAIN_ID: String(chain.devnet.chainId),
    CONTRACT_ADDRESS: chain.contract,
    PRIVATE_KEY: chain.devnet.accounts[1]!.privateKey,
    POT_CONFIRMATIONS: "1",
    POT_DAILY_SPEND: "1",
    POT_MONTHLY_SPEND: "10",
    POT_DAILY_TRANSACTIONS: "1000",
    POT_BACKUP_TARGETS: "backups",
  };
  await using cli = await createCli({ env, signal });
  await anchorOne(cli, 1, { isFirst: true });
  await must(cli, "tokens", "new", "ci", "--role", "viewer", "--expires", "30d");
  for (const job of ["audit", "backup", "restore-drill"]) await must(cli, "jobs", "run", job);
  await using daemon = await startDaemon(cli.folder, env);
  // What the daemon would do by itself within the next hour.
  for (const job of ["health", "transactions", "cost"]) await runJob(cli, job);
  await using prometheus = await startPrometheus(program, {
    folder: cli.folder,
    configPath: await writeConfig(cli.folder, new URL(daemon.url).host),
  });
  await until(async () => (await instant(prometheus, "up")).some(([, value]) => value === "1"), signal);
  // Rates need something that grows while somebody looks.
  await anchorOne(cli, 2);
  await anchorOne(cli, 3);
  await runJob(cli, "confirm");

  const queries = await readDashboardQueries({ rateInterval: "30s" });
  let empty: readonly string[] = [];
  await until(async () => {
    const answers = await Promise.all(queries.map(async ({ panel, query }) => {
      const found = await instant(prometheus, query);
      return found.some(([, value]) => value !== "NaN") ? [] : [`${panel}: ${query}`];
    }));
    empty = answers.flat();
    return empty.length === 0;
  }, signal).catch(() => assert.deepEqual(empty, [], "queries without data"));

  const { groups } = await prometheus.api("rules");
  const rules: readonly { name: string; health: string; lastError?: string }[] = groups.flatMap((
    group: { rules: [] },
  ) => group.rules);
  assert.deepEqual(rules.filter(({ health }) => health === "err"), []);
  const [[, series]] = await instant(prometheus, 'count({job="pot", __name__=~"pot_.+|process_.+"})') as [
    [unknown, string],
  ];
  assert.ok(Number(series) >= 30, `only ${series} series`);
  const errors = await instant(prometheus, "pot_scrape_error == 1");
  assert.deepEqual(errors, []);
  await showsNothingPrivate(daemon.url, [
    `:${port}`,
    chain.contract.slice(2),
    chain.devnet.accounts[1]!.address.slice(2),
  ]);
  // It asks for OpenMetrics first, whose metadata has base names.
  const { pot_log_records: [{ type } = { type: "" }] = [] } = await prometheus.api("metadata");
  assert.equal(type, "counter", "Prometheus did not get OpenMetrics");
  return { series: Number(series), queries: queries.length, rules: rules.length };
}

async function writeConfig(folder: string, target: string): Promise<string> {
  const shipped = await Deno.readTextFile(opsPath("prometheus.yml"));
  const config = shipped.replace("127.0.0.1:8787", target).replaceAll("_interval: 30s", "_interval: 1s");
  assert.ok(config.includes(target));
  await Deno.copyFile(opsPath("prometheus_rules.yml"), join(folder, "prometheus_rules.yml"));
  const path = join(folder, "prometheus.yml");
  await Deno.writeTextFile(path, config);
  return path;
}

async function anchorOne(cli: CliHarness, step: number, { isFirst = false } = {}): Promise<void> {
  if (isFirst) await must(cli, "init");
  await cli.write("weights.bin", `weights ${step}`);
  await must(cli, "record", "checkpoint", "weights.bin", "--run", "run-1", "--step", String(step));
  await must(cli, "anchor");
}

async function must(cli: CliHarness, ...args: readonly string[]): Promise<void> {
  const { code, out, err } = await cli.run(...args);
  assert.equal(code, 0, `pot ${args.join(" ")}: ${out}${err}`);
}

/** The daemon may be at it already. */
async function runJob(cli: CliHarness, name: string): Promise<void> {
  const { code, out, err } = await cli.run("jobs", "run", name);
  assert.ok(code === 0 || /is running|runs already/.test(err), `${name}: ${out}${err}`);
}

/** No URL, address, hash or key is on the page. */
async function showsNothingPrivate(url: string, texts: readonly string[]): Promise<void> {
  const page = (await (await fetch(`${url}metrics`)).text()).toLowerCase();
  for (const text of texts) assert.ok(!page.includes(text.toLowerCase()), `${text} is on the page`);
  assert.ok(!/0x[0-9a-f]{8}|[0-9a-f]{40}|https?:/.test(page), "something private is on the page");
}

type Answer = readonly (readonly [unknown, string])[];

async function instant(prometheus: PrometheusServer, query: string): Promise<Answer> {
  const data = await prometheus.api("query", { query });
  return (data?.result ?? []).map((
    { metric, value: [, value] }: { metric: unknown; value: [number, string] },
  ) => [metric, value] as const);
}

async function until(isMet: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!await isMet()) await systemClock.sleep(300, { signal });
}
