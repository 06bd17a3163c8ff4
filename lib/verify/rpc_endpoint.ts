/**
 * An Ethereum JSON-RPC endpoint as verification sees it.
 *
 * `request` resolves with the `result` member (`null` included). It MUST throw `UnreachableError` when the endpoint could not
 * be asked or did not answer properly.
 */
export interface RpcEndpoint {
  /** For people; never holds a path, a query or a key. */
  readonly name: string;
  /** Calls one method with its parameters, in order. */
  request(
    method: string,
    params: readonly unknown[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<unknown>;
}
