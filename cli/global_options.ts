/** Options that the root gives to every command. A `type`, as Cliffy asks for an index signature. */
export type GlobalOptions = {
  json?: boolean | undefined;
  config?: string;
  home?: string;
};
