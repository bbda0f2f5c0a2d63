// What a cluster is, as data: all of it, and what is otherwise on its nodes after an edit.
import { expect } from 'vitest'
import { type Cluster, type Sharing, stateChanges } from '../../src/control/index.ts'

/** A pod's addresses stand in its status, or nowhere: where a finding points to says nothing else. */
function isOfPods(path: readonly (string | number)[]): boolean {
  return path[0] === 'status' || path.join('.') === 'metadata.name'
}

function words({ findings }: Cluster): unknown {
  const { faults, warnings, notes } = findings
  const plain = (list: readonly { path: readonly (string | number)[] }[]) =>
    list.map((one) => JSON.stringify(isOfPods(one.path) ? { ...one, path: [] } : one)).sort()
  return { faults: plain(faults), warnings: plain(warnings), notes: notes.map((one) => JSON.stringify(one)).sort() }
}

/** Who has which slot, and which come next. */
function ipamOf({ ipam }: Cluster): unknown {
  const blocks = ipam.blocks.map(({ cidr, affinity, confirmed, claims, size, next, released, slots, strays }) => {
    const isFree = (slot: number): boolean => slots[slot] === undefined
    const free = [...Array.from({ length: size - next }, (_, i) => next + i), ...released].filter(isFree)
    const holders = slots.flatMap((one, slot) =>
      one === undefined ? [] : [`${slot} ${one.node} ${one.tunnel ?? `${one.pod?.metadata.name}`}`],
    )
    return { cidr, affinity, confirmed, claims, free, holders, strays: [...(strays ?? [])] }
  })
  return { blocks: blocks.sort((a, b) => (a.cidr < b.cidr ? -1 : 1)), tunnels: [...ipam.tunnels] }
}

export function told(cluster: Cluster): unknown {
  const { network, workloadEndpoints, policies } = cluster
  const ends = workloadEndpoints.map(({ netns, addresses, node, mtu }) => [netns, addresses, node, mtu])
  const tiers = policies.tiers.map(({ name }) => name)
  const services = cluster.resources.services.map((one) => [cluster.serviceEndpoints(one), cluster.dnsAddresses(one)])
  return {
    // Pods that are told where they are say more of themselves when they are stored.
    services: JSON.parse(JSON.stringify(services, (key, value: unknown) => (key === 'resource' ? undefined : value))),
    ...(JSON.parse(JSON.stringify({ network, ends, tiers })) as object),
    ipam: ipamOf(cluster),
    ...(words(cluster) as object),
  }
}

/** Addresses that two have. */
export function twice({ ipam }: Cluster): readonly string[] {
  const all = [
    ...ipam.pods.flatMap(({ allocations }) => allocations.map(({ address }) => address)),
    ...[...ipam.tunnels.values()].flatMap((own) => Object.values(own)),
  ]
  return all.filter((address, i) => all.indexOf(address) !== i)
}

/** What a node has, as data that nobody knows the making of. */
function plainNode({ network: { namespaces, shared } }: Cluster, name: string): Sharing {
  return JSON.parse(JSON.stringify({ namespaces: { [name]: namespaces[name] }, shared })) as Sharing
}

/** What is otherwise on a node is told without reading all of it, and as if all were read. */
export function expectTold(before: Cluster, after: Cluster): void {
  for (const { name } of after.nodes.slice(0, 2)) {
    const told = stateChanges(before.network, after.network, name)
    const all = stateChanges(plainNode(before, name), plainNode(after, name), name)
    expect(told.map(({ op, what }) => `${op} ${what}`).sort()).toEqual(
      all.map(({ op, what }) => `${op} ${what}`).sort(),
    )
  }
}
