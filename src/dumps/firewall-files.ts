import type { FirewallPart } from '../linux/index.ts'
import { tableIn } from './file-kinds.ts'
import type { Source } from './sources.ts'

/** The tables of `iptables-save`, of one file or of several that hold others; else those of `iptables -S` and its like. */
export function firewallOf(sources: readonly Source[]): string | readonly FirewallPart[] {
  const { used } = firewallFiles(sources)
  return used.map(({ file }): FirewallPart => {
    const table = tableIn(file.named?.part ?? '')
    return { text: file.text, file: file.path, ...(table === undefined ? {} : { table }) }
  })
}

/** Files of a firewall that are read, and those that say otherwise about a table that another file tells. */
export function firewallFiles(sources: readonly Source[]): { readonly used: Source[]; readonly other: Source[] } {
  const whole = sources.filter(({ file }) => TABLE.test(file.text))
  if (whole.length === 0) return { used: [...sources], other: [] }
  const tables = new Map<string, string>()
  const used: Source[] = []
  const other: Source[] = []
  for (const source of whole) {
    const own = rulesByTable(source.file.text)
    if ([...own.keys()].some((table) => tables.has(table))) {
      if ([...own].some(([table, rules]) => tables.get(table) !== rules)) other.push(source)
      continue
    }
    for (const [table, rules] of own) tables.set(table, rules)
    used.push(source)
  }
  return { used, other }
}

const TABLE = /^\s*\*(\w+)/m

/** What each table says, counters and remarks aside. */
function rulesByTable(text: string): Map<string, string> {
  const tables = new Map<string, string>()
  let table = ''
  for (const raw of text.split('\n')) {
    const line = raw.replace(/\[\d+:\d+\]/, '').trim()
    if (line === '' || line.startsWith('#')) continue
    if (line.startsWith('*')) table = line
    tables.set(table, `${tables.get(table) ?? ''}${line}\n`)
  }
  return tables
}
