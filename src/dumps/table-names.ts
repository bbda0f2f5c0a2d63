import { type Namespace, tableId } from '../model/index.ts'

/** `ip` prints the name a table has in `/etc/iproute2/rt_tables`; the kernel knows its number. */
export interface NumberedTables {
  /** The namespace with numbers for names that only its machine knows. */
  readonly namespace: Namespace
  /** Names that no `rt_tables` of the dump explains. */
  readonly unknown: readonly string[]
}

/** Numbers for names of tables: as `rt_tables` says, and free ones for names nobody explains. */
export function numberTables(namespace: Namespace, rtTables: string | undefined): NumberedTables {
  const said = namesIn(rtTables ?? '')
  const names = [...namespace.routes, ...namespace.rules].flatMap(({ table }) => table ?? [])
  const taken = new Set([...said.values(), ...names.filter((name) => tableId(name) !== undefined)])
  const unknown = [...new Set(names)].filter((name) => tableId(name) === undefined && !said.has(name))
  let next = 1
  for (const name of unknown) {
    while (taken.has(String(next))) next += 1
    taken.add(String(next))
    said.set(name, String(next))
  }
  const numbered = <T extends { readonly table?: string }>(item: T): T => {
    const { table } = item
    if (table === undefined || tableId(table) !== undefined) return item
    return { ...item, table: said.get(table) ?? table }
  }
  const changed = names.some((name) => tableId(name) === undefined)
  const same = { ...namespace, routes: namespace.routes.map(numbered), rules: namespace.rules.map(numbered) }
  return { namespace: changed ? same : namespace, unknown }
}

function namesIn(text: string): Map<string, string> {
  const names = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^\s*(0x[0-9a-f]+|\d+)\s+([^\s#]+)/i.exec(line)
    if (match !== null) names.set(match[2] ?? '', String(Number(match[1])))
  }
  return names
}
