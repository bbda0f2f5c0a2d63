import { keptIn, type NetworkData, type SharedTable } from '../../model/index.ts'
import type { Cluster } from '../cluster.ts'
import type { TableNames } from './viewed-node.ts'

type Tables = NetworkData['shared']

/** Of which clusters tables were asked for last. */
interface Asked {
  readonly plain: Tables
  readonly clusters: ReadonlySet<Cluster>
  readonly tables: Tables
}

function areSame<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean {
  if (a.size !== b.size) return false
  for (const one of a) if (!b.has(one)) return false
  return true
}

/**
 * Names for the shared tables of several clusters in one network. Those of one cluster keep theirs; another table of such a name has a
 * number, the same as long as somebody has the table.
 */
export class ManyTables {
  private readonly numbers = new WeakMap<SharedTable, number>()
  private next = 2
  private latest: Tables = {}
  private asked: Asked | undefined

  /** Names beside the tables of one cluster. */
  beside(plain: Tables): NonNullable<TableNames> {
    return (name, table) => (plain[name] === table ? name : `${name} (${this.numberOf(table)})`)
  }

  private numberOf(table: SharedTable): number {
    return keptIn(this.numbers, table, () => this.next++)
  }

  /** All tables that views of some clusters may name. The very same object as before where they are the same. */
  of(plain: Tables, clusters: ReadonlySet<Cluster>): Tables {
    const { asked } = this
    if (asked?.plain === plain && areSame(asked.clusters, clusters)) return asked.tables
    const tables = this.all(plain, clusters)
    this.asked = { plain, clusters, tables }
    return tables
  }

  private all(plain: Tables, clusters: ReadonlySet<Cluster>): Tables {
    const nameOf = this.beside(plain)
    const others: Record<string, SharedTable> = {}
    for (const { network } of clusters) {
      if (network.shared === plain) continue
      for (const [name, table] of Object.entries(network.shared)) {
        if (plain[name] !== table) others[nameOf(name, table)] = table
      }
    }
    const all = Object.keys(others).length === 0 ? plain : { ...plain, ...others }
    const names = Object.keys(all)
    const isSame =
      names.length === Object.keys(this.latest).length && names.every((name) => this.latest[name] === all[name])
    this.latest = isSame ? this.latest : all
    return all === plain ? plain : this.latest
  }
}
