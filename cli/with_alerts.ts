import type { AlertsAdmin } from "../lib/alerts/alerts_admin.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";

/** Opens what people do about alerts, runs `work` with it, and closes it whatever happens. */
export async function withAlerts<T>(
  context: CliContext,
  options: GlobalOptions,
  work: (alerts: AlertsAdmin) => Promise<T>,
): Promise<T> {
  const config = await loadConfig(context, options);
  const { openAlertsAdmin } = await import("../lib/runtime/open_alerts_admin.ts");
  await using alerts = await openAlertsAdmin(config);
  return await work(alerts);
}

/** Who acts: by their token, else by what the system calls them. */
export async function whoActs({ access, env }: Pick<CliContext, "access" | "env">): Promise<string> {
  const name = access === undefined ? "local" : (await access.principal()).name;
  return name === "local" ? env.USER ?? env.USERNAME ?? "somebody at the command line" : name;
}
