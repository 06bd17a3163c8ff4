/** One query of the dashboard, with the panel that it stands in. */
export interface DashboardQuery {
  readonly panel: string;
  readonly query: string;
}

const OPS = new URL("../../ops/", import.meta.url);

/** The path of a file that is shipped for monitoring. */
export function opsPath(name: string): string {
  return new URL(name, OPS).pathname;
}

/** Every query of the Grafana dashboard, as Grafana would send it: variables filled in. */
export async function readDashboardQueries(
  { rateInterval = "5m" }: { readonly rateInterval?: string } = {},
): Promise<readonly DashboardQuery[]> {
  const { panels } = JSON.parse(await Deno.readTextFile(opsPath("grafana_dashboard.json")));
  return panels.flatMap(({ title, targets = [] }: { title: string; targets?: readonly { expr: string }[] }) =>
    targets.map(({ expr }) => ({
      panel: title,
      query: expr.replaceAll("$__rate_interval", rateInterval).replaceAll(/"\$(?:job|instance)"/g, '".*"'),
    }))
  );
}

/** Names of series in a query, or in a file of rules. */
export function namesIn(text: string): readonly string[] {
  const bare = text.replaceAll(/"(?:\\.|[^"\\])*"/g, '""');
  return [...new Set(bare.match(/\b(?:pot|process)_[a-z0-9_]+/g) ?? [])];
}
