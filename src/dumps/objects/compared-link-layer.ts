import { fdbLine, neighbourLine } from '../../linux/index.ts'
import { type FdbEntry, fdbOf, type Namespace, type Neighbour, type Network, neighboursOf } from '../../model/index.ts'
import { type Compared, type ComparedTable, isCalicoDevice } from './compared.ts'

/** Permanent neighbours on tunnels: the MAC behind each remote end. */
export function comparedNeighbours(network: Network, derived: Namespace, dumped: Namespace): ComparedTable {
  const written = (entry: Neighbour): boolean => entry.state === 'PERMANENT' && isTunnel(entry.dev)
  return {
    table: 'neighbour',
    expected: neighboursOf(network, derived).filter(written).map(comparedNeighbour),
    found: dumped.neighbours.filter(written).map(comparedNeighbour),
    isCalicos: () => true,
  }
}

/** Forwarding entries of tunnels: the node behind each MAC. */
export function comparedFdb(network: Network, derived: Namespace, dumped: Namespace): ComparedTable {
  const written = ({ dev, dst }: FdbEntry): boolean => isTunnel(dev) && dst !== undefined
  return {
    table: 'fdb',
    expected: fdbOf(network, derived).filter(written).map(comparedEntry),
    found: dumped.fdb.filter(written).map(comparedEntry),
    isCalicos: () => true,
  }
}

function isTunnel(dev: string): boolean {
  return isCalicoDevice(dev) && !dev.startsWith('cali')
}

function comparedNeighbour(neighbour: Neighbour): Compared {
  const { dst, dev, lladdr, origin } = neighbour
  const entry = { of: 'neighbour', neighbour } as const
  const text = neighbourLine(neighbour)
  return { key: `${dev} ${dst}`, value: lladdr ?? '', text, entry, ...(origin === undefined ? {} : { origin }) }
}

function comparedEntry(fdb: FdbEntry): Compared {
  const { mac, dev, dst, origin } = fdb
  const entry = { of: 'fdb', fdb } as const
  const text = fdbLine(fdb)
  return { key: `${dev} ${mac}`, value: dst ?? '', text, entry, ...(origin === undefined ? {} : { origin }) }
}
