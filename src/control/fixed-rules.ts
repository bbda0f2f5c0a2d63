import { type Chain, keptIn, type Ruleset, type Table, type TableName } from '../model/index.ts'
import type { Family } from '../wire/index.ts'
import type { ClusterNode } from './cluster-node.ts'
import type { RulesetPart, TablePart } from './ruleset-part.ts'

/** What makes what others than Felix have in the tables of a node. */
export interface OtherMakers {
  readonly portmap: () => readonly RulesetPart[]
  readonly proxy: () => readonly RulesetPart[]
}

/** What no policy changes in the firewalls of nodes. It is kept, so that an edit of policies makes none of it again. */
export class FixedRules {
  private readonly proxied = new Map<string, readonly RulesetPart[]>()
  private readonly nat = new Map<string, Table>()
  private readonly portmapped: Map<string, readonly RulesetPart[]>
  private readonly tables: Map<string, Table>
  private readonly latest = new Map<string, Ruleset>()

  /** @param before - the same but for Services: these have rules in the tables nat and filter alone */
  constructor(before?: FixedRules) {
    this.portmapped = before?.portmapped ?? new Map()
    this.tables = before?.tables ?? new Map()
  }

  /** What others than Felix have in the tables of a node; each of their chains is made once. */
  others(family: Family, node: ClusterNode, make: OtherMakers): readonly RulesetPart[] {
    const key = `${family} ${node.name}`
    const portmap = keptIn(this.portmapped, key, () => make.portmap().map(remembering))
    return [...portmap, ...keptIn(this.proxied, key, () => make.proxy().map(remembering))]
  }

  /** The same tables, those of these names as they were first; the very same ruleset, where all of them are. */
  settle(family: Family, node: ClusterNode, { tables }: Ruleset, names: readonly TableName[]): Ruleset {
    const settled = { ...tables }
    for (const name of names) {
      const table = tables[name]
      const kept = name === 'nat' ? this.nat : this.tables
      if (table !== undefined) settled[name] = keptIn(kept, `${family} ${node.name} ${name}`, () => table)
    }
    const key = `${family} ${node.name}`
    const last = this.latest.get(key)
    const isSame = (of: Ruleset): boolean => namesOf(of.tables).every((name) => of.tables[name] === settled[name])
    if (last !== undefined && namesOf(last.tables).length === namesOf(settled).length && isSame(last)) return last
    const made: Ruleset = Object.freeze({ tables: Object.freeze(settled) })
    this.latest.set(key, made)
    return made
  }
}

function namesOf(tables: Ruleset['tables']): TableName[] {
  return Object.keys(tables) as TableName[]
}

function remembering(part: RulesetPart): RulesetPart {
  const tables = Object.entries(part).map(([name, table]) => [name, { ...table, chains: chainsOf(table) }])
  return Object.fromEntries(tables)
}

function chainsOf({ chains }: TablePart): TablePart['chains'] {
  const made = new Map<string, Chain>()
  return {
    keys: () => chains.keys(),
    has: (name) => chains.has(name),
    get: (name) => {
      const make = chains.get(name)
      return make === undefined ? undefined : () => keptIn(made, name, make)
    },
  }
}
