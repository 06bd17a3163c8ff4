/**
 * The path as the person gave it, seen from a folder; the system resolves a `..` in it. Not `resolve` of node:path, as the
 * first import of a Node module costs 7 ms, as much as checking a proof does.
 */
export function pathFrom(folder: string, path: string): string {
  const isAbsolute = path.startsWith("/") || /^([a-z]:[\\/]|\\)/i.test(path) && Deno.build.os === "windows";
  return isAbsolute ? path : `${folder}/${path.replace(/^(\.\/+)+/, "")}`;
}
