/** Whose rule logs. */
export interface Logging {
  /** Short kind. */
  readonly kind: string
  /** Namespace; absent for what has none. */
  readonly namespace?: string
  /** Name. */
  readonly name: string
  /** Tier. */
  readonly tier: string
}

/** What stands before a logged packet: `%k` kind, `%p` name with namespace, `%n` name, `%t` tier. @calico felix/rules/policy.go generateLogPrefix */
export function logPrefixOf(format: string, { kind, namespace, name, tier }: Logging): string {
  const full = namespace === undefined ? name : `${namespace}/${name}`
  const words: Readonly<Record<string, string>> = { '%k': kind, '%p': full, '%n': name, '%t': tier }
  return format.replace(/%[kpnt]/g, (specifier) => words[specifier]!)
}
