import type {
  TopologyEndpoint,
  TopologyHostEndpoint,
  TopologyMachine,
  TopologyMesh,
  TopologyPool,
  TopologyService,
  TopologySession,
  TopologyTunnels,
  TopologyView,
} from '../../topology/index.ts'

/** Items of a list that are named one by one. */
const FEW = 3

/** `1 node`, `2 nodes`; thousands are set apart. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${String(count).replace(/\B(?=(\d{3})+$)/g, ',')} ${count === 1 ? one : many}`
}

/** Names, the first few of them. */
export function listed(names: readonly string[], most: number = FEW): string {
  const shown = names.length > most + 1 ? [...names.slice(0, most), `${names.length - most} more`] : names
  return shown.join(', ')
}

/** What a cluster is, in one line. */
export function headline({ calico, machines, services }: TopologyView): string {
  const nodes = machines.filter(({ kind }) => kind === 'node').length
  const pods = machines.reduce((sum, { podCount }) => sum + podCount, 0)
  const who = calico === undefined ? 'Network' : `Calico ${calico}`
  const parts = [counted(calico === undefined ? machines.length : nodes, calico === undefined ? 'machine' : 'node')]
  parts.push(counted(pods, 'pod'))
  if (services.length > 0) parts.push(counted(services.length, 'Service'))
  return `${who}: ${parts.join(', ')}`
}

/** Kinds of tunnels for people. */
const TUNNEL_NAMES: Readonly<Record<TopologyTunnels['kind'], string>> = {
  ipip: 'IPIP',
  vxlan: 'VXLAN',
  wireguard: 'WireGuard',
  none: 'no tunnel',
}

/** A way between nodes as a sentence: `IPIP between all 2 nodes (default-ipv4-ippool)`. */
export function tunnelWords(tunnels: TopologyTunnels): string {
  const { kind, when, groups, pools, family } = tunnels
  const name = `${TUNNEL_NAMES[kind]}${family === 6 ? ' for IPv6' : ''}`
  const of = pools.length === 0 ? '' : ` (${listed(pools)})`
  const nodes = groups.reduce((sum, group) => sum + group.nodes.length, 0)
  const many = nodes === 2 ? 'both nodes' : `all ${counted(nodes, 'node')}`
  if (kind === 'none') return `${name}: pods' packets go from node to node as they are${of}`
  if (when === 'always') return `${name} between ${many}${of}`
  const subnets = groups.map(
    (group) => `${group.subnet === '' ? 'a subnet of its own' : group.subnet} (${counted(group.nodes.length, 'node')})`,
  )
  return `${name} between subnets ${listed(subnets)}; inside a subnet as they are${of}`
}

/** A mesh as a sentence: `mesh of 2 nodes, AS 64512: 1 session`. */
export function meshWords(
  { family, nodes, sessions, down }: TopologyMesh,
  machines: readonly TopologyMachine[],
): string {
  const members = new Set(nodes)
  const own = machines.flatMap(({ name, asNumber }) => (members.has(name) && asNumber !== undefined ? [asNumber] : []))
  const systems = own.length === 0 ? '' : `, AS ${listed([...new Set(own)].map(String))}`
  const what = `${family === 6 ? 'IPv6 ' : ''}mesh of ${counted(nodes.length, 'node')}${systems}: ${counted(sessions, 'session')}`
  return down.length === 0 ? what : `${what}, ${downWords(down)}`
}

/** Sessions that are not up, and why. */
export function downWords(down: readonly TopologySession[]): string {
  const named = down.map(({ a, b, info }) => `${a}–${b} (${info})`)
  return `${down.length} down: ${listed(named, 2)}`
}

/** A pool as a sentence: `192.168.0.0/16 in blocks of /26, IPIP Always, natOutgoing: 2 blocks, 5 addresses`. */
export function poolWords({
  cidr,
  blockSize,
  encapsulation,
  natOutgoing,
  disabled,
  blocks,
  used,
}: TopologyPool): string {
  const traits = [encapsulation, ...(natOutgoing ? ['natOutgoing'] : []), ...(disabled ? ['disabled'] : [])]
  return `${cidr}, ${traits.join(', ')}: ${counted(blocks, 'block')} of /${blockSize}, ${counted(used, 'address', 'addresses')}`
}

/** How a Service is reached: `ClusterIP 10.96.0.10 tcp 80, node port 30080, outside 203.0.113.5`. */
export function serviceWords({ type, addresses, outside, ports }: TopologyService): string {
  const numbers = ports.map(({ protocol, port }) => `${protocol} ${port}`)
  const onNodes = ports.flatMap(({ nodePort }) => (nodePort === undefined ? [] : [String(nodePort)]))
  const inside = addresses.length === 0 && type === 'ClusterIP' ? 'headless' : listed(addresses)
  return [
    [type, inside, listed(numbers)].filter((one) => one !== '').join(' '),
    ...(onNodes.length === 0 ? [] : [`${onNodes.length === 1 ? 'node port' : 'node ports'} ${listed(onNodes)}`]),
    ...(outside.length === 0 ? [] : [`outside ${listed(outside)}`]),
  ].join(', ')
}

/** An endpoint of a Service: the pod, or the address of what is none of the cluster. */
export function endpointWords({ address, pod, ready }: TopologyEndpoint): string {
  const name = pod === undefined ? address : `${pod.slice(pod.indexOf('/') + 1)} ${address}`
  return ready ? name : `✗ ${name}`
}

/** What marks a pod that a policy selects. */
export const SELECTED = '◆'

/** A host endpoint: `host endpoint node01-auto-hep on *, 2 policies`. */
export function hostWords({ name, dev, policies }: TopologyHostEndpoint): string {
  const how = policies.length === 0 ? 'no policy' : counted(policies.length, 'policy', 'policies')
  return `host endpoint ${name}${dev === '*' ? '' : ` on ${dev}`}, ${how}`
}

/** How many pods of a machine some policy selects, behind their number; nothing where none is. */
export function selectedWords({ pods }: TopologyMachine): string {
  const selected = pods.filter(({ policies }) => policies !== undefined).length
  return selected === 0 ? '' : ` (${SELECTED} ${selected} under policy)`
}

/** AS numbers by machine. */
export function systemsOf(machines: readonly TopologyMachine[]): ReadonlyMap<string, number> {
  return new Map(machines.flatMap(({ name, asNumber }) => (asNumber === undefined ? [] : [[name, asNumber] as const])))
}
