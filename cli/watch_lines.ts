import { showPath } from "../lib/io/digest_error.ts";
import type { WatchNews, WatchSummary } from "../lib/recorder/watch_tally.ts";
import { count } from "../lib/core/count.ts";

/** A piece of news as a person reads it. */
export function newsLines(news: WatchNews): readonly string[] {
  switch (news.type) {
    case "recorded": {
      const { name, step, id, index, isDuplicate, reasons } = news;
      const why = reasons.length === 0 ? "" : ` (${reasons.join(", ")})`;
      return [
        `${isDuplicate ? "already recorded" : "recorded"} ${id} record ${index} step ${step} ${
          showPath(name)
        }${why}`,
      ];
    }
    case "skipped":
      return [`skipped ${showPath(news.name)}: ${news.reasons.join(", ")}`];
    case "ignored":
      return [
        `left out ${showPath(news.name)}: ${news.because}`,
        ...(news.hint === undefined ? [] : [`  → ${news.hint}`]),
      ];
    case "waiting":
      return [`waiting for ${showPath(news.name)}: ${news.because}`];
    case "failed":
      return [`failed ${showPath(news.name)}: ${news.because}`];
    case "notice":
      return [news.text];
  }
}

/** What a watch came to, as a person reads it. */
export function summaryLines(summary: WatchSummary): readonly string[] {
  const { recorded, alreadyRecorded, unchanged, skipped, ignored, failed, waiting } = summary;
  return [
    `recorded ${recorded}, skipped ${skipped.count}, left out ${ignored.count}, failed ${failed.length}, waiting ${waiting.length}`,
    ...(alreadyRecorded > 0 ? [`  ${count(alreadyRecorded, "event")} the log had already`] : []),
    ...(unchanged > 0 ? [`  ${unchanged} touched, with the bytes that were recorded`] : []),
    ...reasonLines("skipped", skipped.because),
    ...reasonLines("left out", ignored.because),
    ...failed.map(({ name, because }) => `  failed ${showPath(name)}: ${because}`),
    ...waiting.map(({ name, because }) => `  waiting ${showPath(name)}: ${because}`),
  ];
}

function reasonLines(label: string, because: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(because).map(([reason, number]) => `  ${label} ${number}: ${reason}`);
}
