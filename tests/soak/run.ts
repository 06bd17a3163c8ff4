import { soak } from "./soak.ts";

// A real daemon on a real Anvil, every job every few seconds: deno task soak [minutes]
const minutes = Number(Deno.args[0] ?? 10);
const figures = await soak({ seconds: minutes * 60 });
const { jobs, scheduled, firstRssBytes, lastRssBytes, rssByMinute, records, troubles } = figures;
const growth = lastRssBytes / firstRssBytes - 1;
const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
console.log([
  `${minutes} minutes, ${jobs.length} jobs (${
    jobs.join(", ")
  }), ${scheduled} scheduled times, each with its run`,
  `records ${JSON.stringify(records)}`,
  `resident memory ${mebibytes(firstRssBytes)} in the first third, ${mebibytes(lastRssBytes)} in the last: ${
    (growth * 100).toFixed(1)
  } %`,
  `by minute: ${rssByMinute.map(mebibytes).join(", ")}`,
  ...troubles.slice(0, 20).map((line) => `trouble: ${line}`),
].join("\n"));
if (growth > 0.1 || troubles.length > 0) Deno.exit(1);
