import { isLoopback } from "../core/is_loopback.ts";

/** Where a target is. */
export type TargetPlace =
  | {
    readonly kind: "folder";
    readonly name: string;
    /** As it was given. */
    readonly path: string;
  }
  | {
    readonly kind: "s3";
    readonly name: string;
    readonly bucket: string;
    /** Before each object's name, with its slash; "" for none. */
    readonly prefix: string;
    readonly region?: string;
    readonly endpoint?: string;
  };

/** Finishes the sentence "must be …". */
export const TARGETS_FORM =
  "targets, comma-separated, each with or without a name: /srv/backup, offsite=s3://bucket/prefix?region=eu-central-1 (&endpoint=https://… for another service than AWS)";

const NAME = /^([a-z0-9][a-z0-9-]{0,39})=(.+)$/s;
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const MOST_TARGETS = 10;

/**
 * Targets, comma-separated. One without a name is called `folder` or `s3`, with a number where that is taken. `undefined` where one is
 * none, or two have the same name.
 */
export function parseTargets(text: string): readonly TargetPlace[] | undefined {
  const parts = text.split(",").map((part) => part.trim()).filter((part) => part !== "");
  if (parts.length === 0 || parts.length > MOST_TARGETS) return undefined;
  const places: TargetPlace[] = [];
  for (const part of parts) {
    const [, given, rest = part] = NAME.exec(part) ?? [];
    const place = parsePlace(rest);
    if (place === undefined) return undefined;
    const names = places.map(({ name }) => name);
    if (given !== undefined && names.includes(given)) return undefined;
    places.push({ ...place, name: given ?? freeName(place.kind, names) } as TargetPlace);
  }
  return places;
}

function parsePlace(text: string): Omit<TargetPlace, "name"> | undefined {
  if (!text.startsWith("s3://")) {
    return text.includes("://") || /[\0=]/.test(text)
      ? undefined
      : { kind: "folder", path: text } as TargetPlace;
  }
  if (!URL.canParse(text)) return undefined;
  const { hostname: bucket, pathname, searchParams, username, password, port, hash } = new URL(text);
  if (!BUCKET.test(bucket) || [username, password, port, hash].some((part) => part !== "")) return undefined;
  if ([...searchParams.keys()].some((key) => key !== "region" && key !== "endpoint")) return undefined;
  const folder = pathname.replace(/^\/+|\/+$/g, "");
  if (!/^[A-Za-z0-9._/-]{0,200}$/.test(folder)) return undefined;
  const region = searchParams.get("region");
  const endpoint = searchParams.get("endpoint");
  if (region !== null && !/^[a-z0-9-]{1,40}$/.test(region)) return undefined;
  if (endpoint !== null && !isEndpoint(endpoint)) return undefined;
  return {
    kind: "s3",
    bucket,
    prefix: folder === "" ? "" : `${folder}/`,
    ...(region === null ? {} : { region }),
    ...(endpoint === null ? {} : { endpoint }),
  } as TargetPlace;
}

/** Without user, path or query: no secret has a place in it. */
function isEndpoint(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, pathname, search, hash } = new URL(text);
  const isSecure = protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
  return isSecure && pathname === "/" && [username, password, search, hash].every((part) => part === "");
}

function freeName(kind: string, taken: readonly string[]): string {
  for (let number = 1;; number++) {
    const name = number === 1 ? kind : `${kind}-${number}`;
    if (!taken.includes(name)) return name;
  }
}
