import { type Contradiction, type FindingName, finding } from './finding.ts'
import { type PlainObjects, sharing } from './objects.ts'
import { type PlainNode, plainNodes } from './plain-node.ts'

/** What only one node may have. */
const OF_ONE: readonly (readonly [FindingName, what: string, (node: PlainNode) => readonly string[]])[] = [
  ['nodes-share-address', 'the address', ({ addresses }) => addresses],
  ['nodes-share-tunnel-address', 'the tunnel address', ({ tunnels }) => [...new Set(tunnels.map(([, one]) => one))]],
  ['nodes-share-mac', 'the MAC address', ({ macs }) => [...new Set(macs.map((mac) => mac.toLowerCase()))]],
  ['nodes-share-key', 'the WireGuard key', ({ keys }) => [...new Set(keys)]],
  ['nodes-share-pod-cidr', 'the range', ({ podCidrs }) => podCidrs],
]

/** What nodes must not share. */
export function nodeChecks(objects: PlainObjects): Contradiction[] {
  const nodes = plainNodes(objects)
  return OF_ONE.flatMap(([name, what, valuesOf]) => {
    const held = nodes.flatMap((node) => valuesOf(node).map((value) => ({ value, id: node.id })))
    return sharing(held, ({ value }) => value).map(([value, those]) =>
      finding(
        name,
        those.map(({ id }) => id),
        `${what} ${value} is that of ${those.length} nodes`,
      ),
    )
  })
}
