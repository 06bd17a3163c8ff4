import { type CliHarness, createCli } from "./cli_harness.ts";

/** An installation with one record, anchored in the ledger, and its proof in p.json. */
export async function createInstalledCli(): Promise<CliHarness & { readonly id: string }> {
  const cli = await createCli();
  await cli.run("init");
  await cli.write("a.bin", "weights");
  const { json } = await cli.run("record", "checkpoint", "a.bin", "--run", "run-1", "--step", "1", "--json");
  await cli.run("anchor");
  await cli.run("prove", json.records[0].id, "-o", "p.json");
  return { ...cli, id: json.records[0].id };
}
