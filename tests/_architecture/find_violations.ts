import { posix } from "node:path";
import type { ModuleFacts } from "./read_module.ts";
import {
  exitFiles,
  lazyImportFiles,
  order,
  others,
  pureZones,
  selfImports,
  sharedFiles,
  unrestrictedZones,
} from "./rules.ts";

/**
 * The zone of a file, by its path from the root with `/`; `undefined` for one that no rule knows, such as a file in a
 * new folder of `lib/`.
 */
export function zoneOf(path: string): string | undefined {
  const folders = path.split("/").slice(0, -1);
  const zone = folders.length === 0 ? path : folders.slice(0, isGrouped(folders[0]!) ? 2 : 1).join("/");
  return zone in others || stepOf(zone) !== -1 ? zone : undefined;
}

/** What breaks the rules in one file, each as a line to read: `path:line what is wrong`. */
export function findViolations(path: string, { imports, denoLines, exitLines }: ModuleFacts): string[] {
  const zone = zoneOf(path);
  if (zone === undefined) return [`${path} is in no folder that the rules know`];
  const isUnrestricted = unrestrictedZones.includes(zone);
  const mayImportAnything = isUnrestricted || lazyImportFiles.includes(path);
  const isPure = pureZones.includes(zone);
  const violations: string[] = [];
  const report = (line: number, what: string) => violations.push(`${path}:${line} ${what}`);

  for (const { specifier, line } of imports) {
    if (specifier === undefined) {
      if (!mayImportAnything) report(line, "imports what only run time knows");
      continue;
    }
    if (isPure && specifier.startsWith("node:")) report(line, `imports ${specifier} in ${zone}`);
    const target = resolve(path, specifier);
    if (target !== undefined && !mayImport(zone, target)) {
      report(line, `imports ${target}, which ${zone} must not`);
    }
  }
  if (isPure) { for (const line of denoLines) report(line, `uses Deno in ${zone}`); }
  if (!isUnrestricted && !exitFiles.includes(path)) {
    for (const line of exitLines) report(line, "ends the process, which only a main file may");
  }
  return violations;
}

/** The imported file by its path from the root; `undefined` for a package or a built-in module. */
function resolve(from: string, specifier: string): string | undefined {
  if (specifier in selfImports) return selfImports[specifier];
  if (specifier.startsWith("/") || specifier.startsWith("file:")) return specifier;
  return /^\.\.?(\/|$)/.test(specifier) ? posix.join(posix.dirname(from), specifier) : undefined;
}

function mayImport(zone: string, target: string): boolean {
  const targetZone = zoneOf(target);
  if (targetZone === undefined) return false;
  if (targetZone === zone) return true;
  const sharedFrom = sharedFiles[target];
  if (sharedFrom !== undefined && (zone === sharedFrom || stepOf(zone) > stepOf(sharedFrom))) return true;
  const allowed = others[zone];
  if (allowed !== undefined) {
    return allowed.includes(targetZone) || allowed.includes(targetZone.split("/")[0]!);
  }
  return stepOf(targetZone) !== -1 && stepOf(targetZone) < stepOf(zone);
}

function stepOf(zone: string): number {
  return order.findIndex((zones) => zones.includes(zone));
}

/** Whether the folder's own folders are the zones, as with `lib` and `links`. */
function isGrouped(folder: string): boolean {
  return [...order.flat(), ...Object.keys(others)].some((zone) => zone.startsWith(`${folder}/`));
}
