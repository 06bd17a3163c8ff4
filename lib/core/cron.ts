/** When something is due, in UTC, to the minute. */
export interface CronSchedule {
  /** As it was written. */
  readonly text: string;
  /** The same for `Deno.cron`: every value spelled out, weekdays by name. */
  readonly forDeno: string;
  /** The first time after that one. Milliseconds since the Unix epoch, in and out. */
  next(afterMs: number): number;
  /** The last time that is not after that one. */
  previous(atMs: number): number;
}

/** A schedule, or what is wrong with its text, to finish "… as". */
export type ParsedCron =
  | { readonly ok: true; readonly schedule: CronSchedule }
  | { readonly ok: false; readonly reason: string };

interface Field {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  /** Names in the order of their values, from `first`. */
  readonly names?: readonly string[];
}

const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] as const;
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"] as const;

const FIELDS: readonly Field[] = [
  { name: "minute", first: 0, last: 59 },
  { name: "hour", first: 0, last: 23 },
  { name: "day of the month", first: 1, last: 31 },
  { name: "month", first: 1, last: 12, names: MONTHS },
  { name: "weekday", first: 0, last: 6, names: WEEKDAYS },
];

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** From one 29 February to the next can be eight years (1896 to 1904). */
const FARTHEST_DAYS = 366 * 9;

/**
 * Reads a crontab's five fields: minute, hour, day of the month, month, weekday, each `*`, a number, a range, a list of
 * these, with a step where wanted; months and weekdays also by their English names of three letters. Sunday is 0 or 7. Where
 * both kinds of day are restricted, either is enough.
 *
 * `Deno.cron` itself counts weekdays from 1 for Sunday, and ends the whole process over a date that never comes (2.9.6):
 * so numbers of weekdays are never handed to it, and such dates are refused here.
 */
export function parseCron(text: string): ParsedCron {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) {
    return { ok: false, reason: "it must have five fields: minute, hour, day of the month, month, weekday" };
  }
  const sets: (readonly number[])[] = [];
  for (const [i, field] of FIELDS.entries()) {
    const values = parseField(parts[i]!, field);
    if (typeof values === "string") return { ok: false, reason: values };
    sets.push(values);
  }
  const [minutes, hours, days, months, weekdays] = sets as [number[], number[], number[], number[], number[]];
  const hasWeekdays = weekdays.length < WEEKDAYS.length;
  if (!hasWeekdays && !months.some((month) => days[0]! <= longestMonth(month))) {
    return { ok: false, reason: "no month of it has such a day" };
  }
  const isOnDay = dayMatcher({ days, months, weekdays });
  const timesMs = hours.flatMap((hour) => minutes.map((minute) => (hour * 60 + minute) * MINUTE_MS));
  return {
    ok: true,
    schedule: {
      text,
      forDeno: sets.map((values, i) => formatField(values, FIELDS[i]!)).join(" "),
      next(afterMs) {
        for (let i = 0, dayMs = startOfDay(afterMs); i < FARTHEST_DAYS; i++, dayMs += DAY_MS) {
          if (!isOnDay(dayMs)) continue;
          const timeMs = timesMs.find((time) => dayMs + time > afterMs);
          if (timeMs !== undefined) return dayMs + timeMs;
        }
        throw new RangeError(`Cannot say when ${text} is due next`);
      },
      previous(atMs) {
        for (let i = 0, dayMs = startOfDay(atMs); i < FARTHEST_DAYS; i++, dayMs -= DAY_MS) {
          if (!isOnDay(dayMs)) continue;
          const timeMs = timesMs.findLast((time) => dayMs + time <= atMs);
          if (timeMs !== undefined) return dayMs + timeMs;
        }
        throw new RangeError(`Cannot say when ${text} was due last`);
      },
    },
  };
}

/** The values of a field in ascending order, or what is wrong with it. */
function parseField(text: string, field: Field): readonly number[] | string {
  const chosen = new Set<number>();
  for (const item of text.split(",")) {
    const [, range, from, to, step] = /^(\*|([0-9a-z]+)(?:-([0-9a-z]+))?)(?:\/([0-9]{1,3}))?$/i.exec(item) ??
      [];
    if (range === undefined) return `${field.name} ${shown(item)} is none of *, a value, a range or a step`;
    const every = step === undefined ? 1 : Number(step);
    const longest = field.last - field.first;
    if (every < 1 || every > longest) return `the step in ${shown(item)} must be 1 to ${longest}`;
    const start = from === undefined ? field.first : parseValue(from, field);
    const end = to !== undefined
      ? parseValue(to, field)
      : (range === "*" || step !== undefined)
      ? field.last
      : start;
    if (start === undefined || end === undefined) {
      const names = field.names === undefined ? "" : ` or ${field.names[0]} to ${field.names.at(-1)}`;
      const last = field.names === WEEKDAYS ? 7 : field.last;
      return `${field.name} ${shown(item)} must be ${field.first} to ${last}${names}`;
    }
    for (const value of valuesOf({ start, end, every }, field)) chosen.add(value);
  }
  return [...chosen].sort((a, b) => a - b);
}

function parseValue(text: string, { first, last, names }: Field): number | undefined {
  const named = names?.indexOf(text.toUpperCase()) ?? -1;
  if (named >= 0) return first + named;
  const value = /^[0-9]{1,2}$/.test(text) ? Number(text) : NaN;
  return value >= first && value <= (names === WEEKDAYS ? 7 : last) ? value : undefined;
}

/** A range that ends before it starts goes on from the field's first value, as SAT-MON does; and so 7 is Sunday too. */
function valuesOf(
  { start, end, every }: { readonly start: number; readonly end: number; readonly every: number },
  { first, last }: Field,
): readonly number[] {
  const count = last - first + 1;
  const reach = end >= start ? end : end + count;
  const values: number[] = [];
  for (let value = start; value <= reach; value += every) values.push(first + (value - first) % count);
  return values;
}

function formatField(values: readonly number[], { first, last, names }: Field): string {
  if (values.length === last - first + 1) return "*";
  return values.map((value) => names === WEEKDAYS ? WEEKDAYS[value]! : String(value)).join(",");
}

function dayMatcher(
  { days, months, weekdays }: Readonly<Record<"days" | "months" | "weekdays", readonly number[]>>,
): (dayMs: number) => boolean {
  const hasDays = days.length < 31;
  const hasWeekdays = weekdays.length < WEEKDAYS.length;
  return (dayMs) => {
    const date = new Date(dayMs);
    if (!months.includes(date.getUTCMonth() + 1)) return false;
    const isDay = days.includes(date.getUTCDate());
    const isWeekday = weekdays.includes(date.getUTCDay());
    return hasDays && hasWeekdays ? isDay || isWeekday : isDay && isWeekday;
  };
}

function longestMonth(month: number): number {
  return month === 2 ? 29 : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function startOfDay(atMs: number): number {
  return Math.floor(atMs / DAY_MS) * DAY_MS;
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 40));
}
