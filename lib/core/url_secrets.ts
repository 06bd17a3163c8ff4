/** What public endpoints call networks and interfaces: to hide these everywhere would make messages unreadable. */
const PUBLIC_WORDS: ReadonlySet<string> = new Set(
  ("api app arbitrum archive amoy avalanche base bnb bor bsc chain eth ethereum evm ext full gnosis holesky http https json " +
    "jsonrpc main mainnet net network node nova one op optimism polygon pos public rpc sepolia server services test " +
    "testnet v1 v2 v3 ws wss").split(" "),
);

/** Shorter parts, such as `v2` or `rpc`, are words and no keys. */
const SHORTEST_KEY = 8;

/**
 * The parts of a URL that must be shown nowhere, as they are written and as they mean: providers put keys in user info, path
 * segments, query values and fragments. Of a database's URL it is the password alone.
 */
export function urlSecrets({ protocol, username, password, pathname, searchParams, hash }: URL): string[] {
  if (protocol.startsWith("postgres")) return [...readings(password)];
  const path = pathname.split("/").filter((segment) => !isPublic(segment));
  const keys = [username, ...path, ...searchParams.values(), hash.slice(1)];
  return [
    ...readings(password),
    ...keys.flatMap((key) => [...readings(key)]).filter((key) => key.length >= SHORTEST_KEY),
  ];
}

function isPublic(segment: string): boolean {
  return segment.split(/[-_.]/).every((word) => PUBLIC_WORDS.has(word));
}

function readings(part: string): ReadonlySet<string> {
  if (part === "") return new Set();
  try {
    return new Set([part, decodeURIComponent(part)]);
  } catch {
    return new Set([part]);
  }
}
