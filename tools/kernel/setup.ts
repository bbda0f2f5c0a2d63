// Networks as commands that make them real.
import { ipsetSave, iptablesSave, routeLine } from '../../src/linux/index.ts'
import { type Interface, type Namespace, type Network, type VxlanInfo, writtenOut } from '../../src/model/index.ts'
import type { SetupJob } from './world.ts'

/** Real names of the namespaces of a network. */
export type RealNames = ReadonlyMap<string, string>

/** Names of real namespaces: short, and nobody else's. */
export function realNames({ namespaces }: Network, prefix: string): RealNames {
  return new Map(Object.keys(namespaces).map((name, i) => [name, `${prefix}-${i}`]))
}

const QUIET: readonly (readonly [string, string])[] = [
  ['net/ipv4/conf/all/rp_filter', '0'],
  ['net/ipv4/conf/default/rp_filter', '0'],
  ['net/ipv6/conf/all/accept_dad', '0'],
  ['net/ipv6/conf/default/accept_dad', '0'],
  ['net/ipv6/conf/default/router_solicitations', '0'],
  ['net/ipv4/icmp_ratelimit', '0'],
  ['net/ipv6/icmp/ratelimit', '0'],
]

/** `ip -batch` for what a namespace has: addresses, routes that the kernel does not make itself, neighbours. */
function batchOf(ns: Namespace): string {
  const links = Object.values(ns.interfaces)
  const lines: string[] = []
  for (const link of links) {
    if (link.vxlan !== undefined) lines.push(vxlanLine(link, link.vxlan))
    if (link.kind === 'bridge') lines.push(`link add ${link.name} address ${link.mac} type bridge mcast_snooping 0`)
    for (const { local, prefixlen, scope, family } of link.addresses) {
      if (link.kind === 'loopback') continue
      lines.push(`addr add ${local}/${prefixlen} dev ${link.name} scope ${scope}${family === 'inet6' ? ' nodad' : ''}`)
    }
  }
  for (const link of links) if (link.master !== undefined) lines.push(`link set ${link.name} master ${link.master}`)
  for (const link of links) if (link.up) lines.push(`link set ${link.name} up`)
  // A gateway must be there before what goes by it.
  const made = ns.routes.filter(({ protocol }) => protocol !== 'kernel')
  for (const route of [
    ...made.filter(({ via }) => via === undefined),
    ...made.filter(({ via }) => via !== undefined),
  ]) {
    // The assumed internet is not made.
    if (route.type === 'local' || route.dev === 'wan0') continue
    lines.push(`route replace ${routeLine(route).replace(/ pref \w+/, '')}`)
  }
  for (const one of ns.neighbours)
    if (one.lladdr !== undefined && one.state === 'PERMANENT')
      lines.push(`neigh replace ${one.dst} lladdr ${one.lladdr} dev ${one.dev} nud permanent`)
  for (const one of ns.proxyNeighbours) lines.push(`neigh add proxy ${one.dst} dev ${one.dev}`)
  return lines.map((line) => `${line}\n`).join('')
}

function vxlanLine({ name, mac, mtu }: Interface, { id, local, link, dstport, ...rest }: VxlanInfo): string {
  const words = [
    `link add ${name} address ${mac} mtu ${mtu} type vxlan id ${id} dstport ${dstport}`,
    ...(local === undefined ? [] : [`local ${local}`]),
    ...(link === undefined ? [] : [`dev ${link}`]),
    rest.learning ? 'learning' : 'nolearning',
    rest.udpcsum ? 'udpcsum' : 'noudpcsum',
    rest.udp6zerocsumtx ? 'udp6zerocsumtx' : 'noudp6zerocsumtx',
    rest.udp6zerocsumrx ? 'udp6zerocsumrx' : 'noudp6zerocsumrx',
  ]
  return words.join(' ')
}

/** `bridge -batch` for where the other ends of tunnels are. */
function forwardingOf({ fdb, interfaces }: Namespace): string {
  return fdb
    .filter(({ dev, dst }) => dst !== undefined && interfaces[dev]?.vxlan !== undefined)
    .map(({ mac, dev, dst }) => `fdb append ${mac} dev ${dev} dst ${dst}\n`)
    .join('')
}

/** Sysctls as paths; those of an interface come when it is there. */
function sysctlsOf(ns: Namespace): { readonly early: [string, string][]; readonly late: [string, string][] } {
  const all = Object.entries(ns.sysctls).map(([key, value]): [string, string] => [pathOf(key), value])
  const isOfLink = ([path]: [string, string]): boolean => /\/(conf|neigh)\/(?!all|default|lo)/.test(path)
  return { early: all.filter((one) => !isOfLink(one)), late: all.filter(isOfLink) }
}

/** Names of devices may have dots of their own. */
function pathOf(key: string): string {
  const [, place, dev, last] = /^(net\.ipv[46]\.(?:conf|neigh))\.(.+)\.([^.]+)$/.exec(key) ?? []
  return dev === undefined ? key.replaceAll('.', '/') : `${place!.replaceAll('.', '/')}/${dev}/${last}`
}

/** The texts of a node's firewall, whoever wrote them, and what else tools of their own take. */
function restoreOf(ns: Namespace): [string[], string][] {
  return [
    [['bridge', '-force', '-batch', '-'], forwardingOf(ns)],
    [['ipset', 'restore'], ipsetSave(ns.ipsets)],
    [['iptables-restore'], iptablesSave(ns.iptables)],
    [['ip6tables-restore'], iptablesSave(ns.ip6tables, { family: 'inet6' })],
  ]
}

/** The job that makes networks real. */
export function setupJob(
  networks: readonly { readonly network: Network; readonly names: RealNames; readonly nodes: readonly string[] }[],
): SetupJob {
  const whole = networks.flatMap(({ network, names, nodes }) =>
    Object.values(network.namespaces).map((one) => {
      const ns = writtenOut(network, one)
      return { ns, real: names.get(ns.name)!, isNode: nodes.includes(ns.name) }
    }),
  )
  const each = <T>(make: (ns: Namespace) => T): Record<string, T> =>
    Object.fromEntries(whole.map(({ ns, real }) => [real, make(ns)]))
  return {
    names: whole.map(({ real }) => real),
    wires: networks.flatMap(({ network, names }) => wiresOf(network, names)),
    bridges: whole
      .filter(({ ns }) => Object.values(ns.interfaces).some(({ kind }) => kind === 'bridge'))
      .map(({ real }) => real),
    sysctls: each((ns) => [...QUIET, ...sysctlsOf(ns).early].filter(([path]) => !path.includes('bridge-nf'))),
    late: each((ns) => sysctlsOf(ns).late),
    batches: each(batchOf),
    restore: Object.fromEntries(whole.filter(({ isNode }) => isNode).map(({ ns, real }) => [real, restoreOf(ns)])),
  }
}

function wiresOf({ namespaces, wires }: Network, names: RealNames): string[] {
  return wires.map(({ ends: [a, b] }) => {
    const side = ({ netns, dev }: { readonly netns: string; readonly dev: string }): string => {
      const { mac, mtu } = namespaces[netns]!.interfaces[dev]!
      return `${dev} address ${mac} mtu ${mtu} netns ${names.get(netns)!}`
    }
    return `link add ${side(a)} type veth peer name ${side(b)}`
  })
}
