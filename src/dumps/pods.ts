import { HOST_LINK_LOCAL, POD_GATEWAY } from '../control/index.ts'
import { madeUpMac } from '../linux/index.ts'
import { type Cable, iface, type Namespace, type Network, namespace, type Route, route } from '../model/index.ts'
import { type Ip, isIpv4, type Mac, parseIp } from '../wire/index.ts'
import { type End, hostRoutes } from './veth.ts'

/** Pods nobody dumped. */
export interface AssumedPods {
  /** Their namespaces. */
  readonly namespaces: readonly Namespace[]
  /** Their veth pairs. */
  readonly wires: readonly Cable[]
  /** What was assumed, a sentence each. */
  readonly assumed: readonly string[]
  /** Host ends that got a pod. */
  readonly joined: readonly End[]
}

/** How a CNI plugin wires its pods. */
interface Wiring {
  /** The plugin. */
  readonly cni: string
  /** Who answers for the pod's gateway: the node by proxy ARP, a permanent neighbour of the pod, or its own address. */
  readonly gateway: 'proxy' | 'permanent' | 'address'
}

const CALICO: Wiring = { cni: 'Calico', gateway: 'proxy' }

/** Host ends of other plugins, by how their names begin. */
const OTHERS: readonly (readonly [RegExp, Wiring])[] = [
  [/^eni[0-9a-f]/, { cni: 'the AWS VPC CNI', gateway: 'permanent' }],
  [/^azv/, { cni: 'the Azure CNI', gateway: 'permanent' }],
  [/^gke/, { cni: 'GKE', gateway: 'address' }],
]

function wiringOf({ dev }: End): Wiring {
  return OTHERS.find(([name]) => name.test(dev.name))?.[1] ?? CALICO
}

/**
 * A pod as Calico (or the plugin its name shows) makes it behind every host end that was dumped without its other end and to which a route of a single
 * address leads: `eth0` with that address, and everything by way of a gateway only the two know.
 */
export function assumePods(network: Network, ends: readonly End[]): AssumedPods {
  const namespaces: Namespace[] = []
  const wires: Cable[] = []
  const assumed: string[] = []
  const joined: End[] = []
  const taken = new Set(Object.keys(network.namespaces))
  for (const end of ends) {
    const addresses = end.dev.master === undefined ? addressesBehind(end) : []
    const [first] = addresses
    if (first === undefined) continue
    const name = freeName(`pod-${first}`, taken)
    taken.add(name)
    namespaces.push(podOf(name, end, addresses))
    wires.push({
      ends: [
        { netns: end.ns.name, dev: end.dev.name },
        { netns: name, dev: 'eth0' },
      ],
      origin: { component: 'dump', note: 'the pod was not dumped', assumed: true },
    })
    assumed.push(
      `behind ${end.ns.name}/${end.dev.name}, whose other end was not dumped, is a pod with ${addresses.join(' and ')} as ${wiringOf(end).cni} sets pods up (here: ${name})`,
    )
    joined.push(end)
  }
  return { namespaces, wires, assumed, joined }
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted
  for (let i = 2; taken.has(name); i++) name = `${wanted}-${i}`
  return name
}

/** Addresses routed to an end one by one, IPv4 first. */
function addressesBehind(end: End): Ip[] {
  const all = hostRoutes(end)
    .map((text) => parseIp(text))
    .filter((ip) => ip !== undefined)
  const unicast = [...new Set(all)].filter((ip) => !/^(fe80|ff)/.test(ip))
  return [...unicast.filter((ip) => isIpv4(ip)), ...unicast.filter((ip) => !isIpv4(ip))]
}

function podOf(name: string, end: End, addresses: readonly Ip[]): Namespace {
  const inet6 = addresses.some((ip) => !isIpv4(ip))
  const wiring = wiringOf(end)
  const own =
    wiring.gateway === 'address' ? end.dev.addresses.find(({ family }) => family === 'inet')?.local : undefined
  const gateway = own ?? POD_GATEWAY
  const permanent = wiring.gateway !== 'proxy' && own === undefined
  const routes: Route[] = []
  if (addresses.some((ip) => isIpv4(ip))) {
    routes.push(route(gateway, { dev: 'eth0', scope: 'link' }), route('default', { via: gateway, dev: 'eth0' }))
  }
  if (inet6) routes.push(route('default', { via: gateway6(end), dev: 'eth0' }))
  const made = namespace(name, {
    role: 'pod',
    interfaces: [
      iface({
        name: 'eth0',
        ifindex: end.dev.linkIndex === undefined || end.dev.linkIndex < 2 ? 2 : end.dev.linkIndex,
        mac: macBehind(end, addresses),
        mtu: end.dev.mtu,
        linkIndex: end.dev.ifindex,
        addresses: addresses.map((ip) => `${ip}/${isIpv4(ip) ? 32 : 128}`),
      }),
    ],
    routes,
    ...(permanent && end.dev.mac !== undefined
      ? { neighbours: [{ dst: gateway, dev: 'eth0', lladdr: end.dev.mac, state: 'PERMANENT' as const }] }
      : {}),
    sysctls: inet6 ? { 'net.ipv6.conf.eth0.accept_dad': '0' } : NO_IPV6,
    origin: { component: 'dump', note: 'a pod that was not dumped', assumed: true },
  })
  return made
}

const NO_IPV6 = {
  'net.ipv6.conf.all.disable_ipv6': '1',
  'net.ipv6.conf.default.disable_ipv6': '1',
  'net.ipv6.conf.lo.disable_ipv6': '1',
} as const

/** The host end's own link-local address; Calico's, when it was not dumped. */
function gateway6(end: End): Ip {
  return end.dev.addresses.find((a) => a.family === 'inet6' && a.scope === 'link')?.local ?? HOST_LINK_LOCAL
}

/** The MAC the node knows the pod by; else one that nobody else has. */
function macBehind(end: End, addresses: readonly Ip[]): Mac {
  const known = end.ns.neighbours.find((entry) => entry.dev === end.dev.name && addresses.includes(entry.dst))
  if (known?.lladdr !== undefined) return known.lladdr
  return madeUpMac(`${end.ns.name}/${end.dev.name}`)
}
