import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";

/** `pot log import` of the prototype's `provenance_records.json`. */
export async function importLedgerFile(
  context: CliContext,
  options: GlobalOptions,
  file: string,
): Promise<void> {
  const config = await loadConfig(context, options);
  const { importLedger } = await import("../lib/runtime/import_ledger.ts");
  const { importedCount, knownCount } = await importLedger(config, file, { signal: context.signal });
  report(context, options, {
    json: { file, importedCount, knownCount },
    lines: [
      `imported ${importedCount} records into the local ledger`,
      ...(knownCount > 0 ? [`  known     ${knownCount} were there already`] : []),
    ],
  });
}
