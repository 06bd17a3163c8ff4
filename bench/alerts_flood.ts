/** Ten thousand alerts in a minute, several times over: messages, writes, and whether memory stays. `deno run -A bench/alerts_flood.ts` */
import { runAlertFlood } from "../tests/_fakes/alert_flood.ts";

const ROUNDS = 5;
for (let round = 1; round <= ROUNDS; round++) {
  const { sent, resolved, writes, largestBytes, waiting, durationMs, observeCalls } = await runAlertFlood();
  const rssMb = Deno.memoryUsage().rss / 1e6;
  console.log(
    `${round}: ${observeCalls} alerts → ${
      JSON.stringify(sent)
    } messages, ${resolved} resolved, ${waiting} waiting, ` +
      `${writes} writes, state ${(largestBytes / 1e6).toFixed(2)} MB, ${
        (durationMs / 1_000).toFixed(1)
      } s, rss ${rssMb.toFixed(0)} MB`,
  );
}
