import type { Ruleset } from '../../model/index.ts'

/** What `iptables-save` is asked for. */
export interface IptablesSaveOptions {
  /** Only this table (`-t`). */
  readonly table?: string
  /** `-c`: packets and bytes before each rule; rules not in it have counted nothing. */
  readonly counters?: (table: string, chain: string, rule: number) => readonly [number, number]
}

/** `iptables-save`: the rules as they were read or made, without the comment lines that hold a date. */
export function iptablesSave(ruleset: Ruleset | undefined, options: IptablesSaveOptions = {}): string {
  const { counters } = options
  let text = ''
  for (const [name, table] of Object.entries(ruleset?.tables ?? {})) {
    if (options.table !== undefined && options.table !== name) continue
    text += `*${name}\n`
    for (const [chainName, chain] of Object.entries(table.chains))
      text += `:${chainName} ${chain.policy ?? '-'} [0:0]\n`
    for (const [chainName, chain] of Object.entries(table.chains)) {
      chain.rules.forEach((rule, i) => {
        const [packets, bytes] = counters?.(name, chainName, i) ?? [0, 0]
        text += counters === undefined ? `${rule.text}\n` : `[${packets}:${bytes}] ${rule.text}\n`
      })
    }
    text += 'COMMIT\n'
  }
  return text
}
