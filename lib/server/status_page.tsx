import type { FC } from "hono/jsx";
import type { RecorderStatus } from "../recorder/recorder.ts";

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 48rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884 }
td.number { text-align: right; font-variant-numeric: tabular-nums }
`;

/** The status page: records by state, runs and anchors, as plain HTML without a script. */
export const StatusPage: FC<{ readonly status: RecorderStatus }> = ({ status }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width" />
      <title>{`pot: ${status.origin}`}</title>
      <style dangerouslySetInnerHTML={{ __html: STYLE }} />
    </head>
    <body>
      <h1>{status.origin}</h1>
      <p>{headline(status)}</p>
      <h2>Records</h2>
      <table>
        {Object.entries(status.records).map(([state, count]) => (
          <tr>
            <th scope="row">{state}</th>
            <td class="number">{count}</td>
          </tr>
        ))}
      </table>
      <h2>Runs</h2>
      <table>
        {status.runs.map(({ runId, recordCount }) => (
          <tr>
            <th scope="row">{runId}</th>
            <td class="number">{recordCount}</td>
          </tr>
        ))}
      </table>
      <h2>Anchors</h2>
      <table>
        {status.anchors.map(({ size, facts }) => (
          <tr>
            <th scope="row">{`first ${size} records`}</th>
            <td>{facts.state}</td>
            <td>{facts.chainId}</td>
          </tr>
        ))}
      </table>
    </body>
  </html>
);

function headline({ recordCount, records }: RecorderStatus): string {
  if (recordCount === 0) return "Nothing has been recorded yet.";
  if (records.pending > 0) return `${records.pending} of ${recordCount} records wait for an anchor.`;
  return records.local > 0
    ? `${records.local} of ${recordCount} records are in the local ledger only; no chain has them yet.`
    : "Every record is anchored.";
}
