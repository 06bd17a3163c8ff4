/**
 * What the gate before every change costs: records a second through a runtime as it is opened, beside one whose gate lets
 * everything through unasked. Rounds alternate, so that whatever else the machine does meets both.
 *
 * deno run -A bench/access_bench.ts
 */
import type { AccessGate } from "../lib/access/access_gate.ts";
import { LOCAL_PRINCIPAL } from "../lib/access/principal.ts";
import { initialize } from "../lib/runtime/initialize.ts";
import { openRuntime } from "../lib/runtime/open_runtime.ts";
import { parseConfig } from "../lib/runtime/parse_config.ts";
import { median } from "./measure.ts";

const ROUNDS = 9;
const RECORDS = 30_000;
const CALLERS = 512;
const BAR = 0.95;

const OPEN: AccessGate = {
  principal: () => Promise.resolve(LOCAL_PRINCIPAL),
  check: () => Promise.resolve(),
  perform: (_verb, _subject, work) => work(OPEN),
};

/** Records a second in a log of its own. */
async function round(access: AccessGate | undefined): Promise<number> {
  const folder = await Deno.makeTempDir();
  try {
    const { origin } = await initialize({ folder, chain: "local" });
    const config = parseConfig({ folder, env: {}, file: { origin } });
    await using runtime = await openRuntime(config, access === undefined ? {} : { access });
    let step = 0;
    const start = performance.now();
    await Promise.all(Array.from({ length: CALLERS }, async () => {
      while (step < RECORDS) {
        step++;
        await runtime.recorder.recordCheckpoint({
          runId: `run-${step % 7}`,
          step,
          metrics: { loss: 1 / step },
        });
      }
    }));
    return RECORDS * 1_000 / (performance.now() - start);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

await round(OPEN);
const ratios: number[] = [];
const rates: number[] = [];
for (let i = 0; i < ROUNDS; i++) {
  const open = await round(OPEN);
  const gated = await round(undefined);
  rates.push(gated);
  ratios.push(gated / open);
}
const ratio = median(ratios);
console.log(`${Math.round(median(rates))} records a second through the gate`);
console.log(`${ratio.toFixed(3)} of what it is without (bar: ${BAR}) ${ratio >= BAR ? "ok" : "MISSED"}`);
