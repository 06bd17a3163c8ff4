import { scrape } from "./scrape.ts";

// A real Prometheus scrapes a real daemon on a real Anvil: deno task metrics:scrape
const figures = await scrape();
console.log(
  figures === undefined
    ? "not run: prometheus is not installed (apt-get install prometheus)"
    : `${figures.series} series, ${figures.queries} queries of the dashboard with data, ${figures.rules} rules weighed`,
);
