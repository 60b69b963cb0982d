/** Runs a program to its end; resolves with its exit code, -1 after the timeout. Nothing that it started outlives it. */
export function runFamily(
  command: string,
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly timeoutMs: number;
  },
): Promise<number>;
