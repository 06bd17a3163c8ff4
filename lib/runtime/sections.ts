import { type AlertsConfig, parseAlertsSection } from "./sections/alerts_section.ts";
import { type JobsConfig, parseJobsSection } from "./sections/jobs_section.ts";

/** The parts of pot.jsonc that hold an object in place of one value, and what each becomes. */
export interface SectionTypes {
  /** Which jobs run, and when. */
  jobs: JobsConfig;
  /** Which rules make alerts, and what is not told when. */
  alerts: AlertsConfig;
}

/**
 * Checks one section. Each mistake is pushed as a line that names the place in full, such as `jobs.anchor.schedule in pot.jsonc
 * must be …`; what is answered counts only when there was none.
 */
export type ParseSection<T> = (value: unknown, mistakes: string[]) => T;

/** Every section there is; an absent one is parsed as an empty object. */
export const SECTIONS: { readonly [Name in keyof SectionTypes]: ParseSection<SectionTypes[Name]> } = {
  jobs: parseJobsSection,
  alerts: parseAlertsSection,
};

/** Checks every section of a file, and collects all mistakes. */
export function parseSections(
  file: Readonly<Record<string, unknown>>,
  mistakes: string[],
): Readonly<SectionTypes> {
  const sections = Object.entries(SECTIONS).map(([name, parse]) => [name, parse(file[name] ?? {}, mistakes)]);
  return Object.fromEntries(sections);
}
