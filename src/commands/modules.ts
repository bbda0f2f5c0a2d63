import type { Words } from '../linux/index.ts'
import { cablesIn, type Interface, type InterfaceKind, iface, type Namespace, type Network } from '../model/index.ts'
import { BY_USER, namespaceOf, withInterface, withNamespace } from './edit.ts'
import { removeInterface } from './ip-link.ts'
import { refuse, toolRefuses } from './refusal.ts'

/** A module of the kernel, as far as something here depends on it. */
interface KernelModule {
  /** Devices that are only there with it. */
  readonly kind?: InterfaceKind
  /** Modules that need it. */
  readonly usedBy?: readonly string[]
  /** Bytes, as `lsmod` of a Debian 12 has them. */
  readonly size: number
}

/** Modules by name. @linux the order is that of `lsmod`: who was loaded last comes first */
export const MODULES: Readonly<Record<string, KernelModule>> = {
  wireguard: { kind: 'wireguard', size: 94_208 },
  vxlan: { kind: 'vxlan', size: 155_648 },
  ipip: { kind: 'ipip', size: 20_480 },
  tunnel4: { usedBy: ['ipip'], size: 16_384 },
  ip_tunnel: { usedBy: ['ipip'], size: 36_864 },
  udp_tunnel: { usedBy: ['wireguard', 'vxlan'], size: 28_672 },
  dummy: { kind: 'dummy', size: 16_384 },
  veth: { kind: 'veth', size: 36_864 },
  bridge: { kind: 'bridge', usedBy: ['br_netfilter'], size: 311_296 },
  br_netfilter: { size: 36_864 },
  ip_vs: { size: 184_320 },
  nf_conntrack: { usedBy: ['xt_conntrack', 'nf_nat', 'xt_nat', 'xt_MASQUERADE'], size: 188_416 },
  nf_nat: { usedBy: ['xt_nat', 'xt_MASQUERADE', 'iptable_nat'], size: 57_344 },
  ip_set: { usedBy: ['xt_set', 'ip_set_hash_net', 'ip_set_hash_ip'], size: 61_440 },
  ip_tables: { usedBy: ['iptable_filter', 'iptable_nat', 'iptable_mangle', 'iptable_raw'], size: 36_864 },
  overlay: { size: 163_840 },
}

/** Modules that are always there on a node with Calico; they do not go while rules use them. */
const IN_USE: ReadonlySet<string> = new Set(['nf_conntrack', 'nf_nat', 'ip_set', 'ip_tables', 'overlay'])

/** Whether a module is loaded, as far as its devices and settings show. */
export function isLoaded(ns: Namespace, name: string): boolean {
  const { kind, usedBy = [] } = MODULES[name] ?? {}
  if (name === 'br_netfilter') return ns.sysctls['net.bridge.bridge-nf-call-iptables'] !== undefined
  if (kind !== undefined && Object.values(ns.interfaces).some((link) => link.kind === kind)) return true
  return IN_USE.has(name) || usedBy.some((one) => Object.hasOwn(MODULES, one) && isLoaded(ns, one))
}

const FLAGS: ReadonlySet<string> = new Set(['-r', '--remove', '-v', '--verbose', '-q', '--quiet', '-a', '--all'])

/**
 * `modprobe [-r] MODULE…`, `rmmod MODULE…`. A module of tunnels is not held by its devices: it goes, and they go with it, the
 * routes over them too; loading `ipip` gives every namespace of the machine its fallback device.
 *
 * @linux net/core/rtnetlink.c rtnl_link_unregister
 * @throws Refusal in the words of `modprobe` and `rmmod`
 */
export function moduleCommand(network: Network, netns: string, words: Words, tool: 'modprobe' | 'rmmod'): Network {
  const list = words.list.slice(words.at)
  const wrong = list.find((word) => word.startsWith('-') && !FLAGS.has(word))
  if (wrong !== undefined) return refuse('modprobe [-r] MODULE', wrong)
  const removes = tool === 'rmmod' || list.includes('-r') || list.includes('--remove')
  const names = list.filter((word) => !word.startsWith('-')).map((name) => name.replaceAll('-', '_'))
  if (names.length === 0) return toolRefuses(`${tool}: ERROR: missing module name.`)
  return names.reduce((next, name) => {
    const ns = namespaceOf(next, netns)
    if (!Object.hasOwn(MODULES, name)) {
      return toolRefuses(
        tool === 'rmmod'
          ? `rmmod: ERROR: Module ${name} is not currently loaded`
          : `modprobe: FATAL: Module ${name} not found${removes ? '.' : ' in directory /lib/modules/6.1.0'} (packetwalk knows ${Object.keys(MODULES).join(', ')})`,
      )
    }
    if (!removes) return load(next, ns, name)
    return isLoaded(ns, name) ? unload(next, ns, name, tool) : notLoaded(next, name, tool)
  }, network)
}

function notLoaded(network: Network, name: string, tool: 'modprobe' | 'rmmod'): Network {
  return tool === 'rmmod' ? toolRefuses(`rmmod: ERROR: Module ${name} is not currently loaded`) : network
}

/** Namespaces of a machine: its own, and those of the pods behind its veths. */
function namespacesOf(network: Network, ns: Namespace): string[] {
  const far = cablesIn(network.wires)(ns.name).flatMap(({ ends }) => ends.map((end) => end.netns))
  const inside = far.filter((name) => {
    const role = network.namespaces[name]?.role
    return role === 'pod' || role === 'container'
  })
  return [...new Set([ns.name, ...inside])]
}

function load(network: Network, ns: Namespace, name: string): Network {
  if (isLoaded(ns, name)) return network
  if (name === 'br_netfilter') {
    const sysctls = { ...ns.sysctls }
    for (const key of ['iptables', 'ip6tables', 'arptables']) sysctls[`net.bridge.bridge-nf-call-${key}`] = '1'
    return withNamespace(network, { ...ns, sysctls })
  }
  if (name !== 'ipip') return network
  return namespacesOf(network, ns).reduce((next, netns) => {
    const own = namespaceOf(next, netns)
    return withNamespace(next, withInterface(own, fallback(own)))
  }, network)
}

/** The device that every namespace has once `ipip` is loaded: down, without an address. */
function fallback(ns: Namespace): Interface {
  return iface({
    name: 'tunl0',
    ifindex: Math.max(0, ...Object.values(ns.interfaces).map((link) => link.ifindex)) + 1,
    kind: 'ipip',
    mtu: 1480,
    up: false,
    carrier: false,
    noarp: true,
    txqlen: 1000,
    ipip: { ttl: 0, tos: 'inherit', pmtudisc: false },
    origin: BY_USER,
  })
}

function unload(network: Network, ns: Namespace, name: string, tool: 'modprobe' | 'rmmod'): Network {
  const { kind, usedBy = [] } = MODULES[name] ?? {}
  const users = usedBy.filter((one) => !Object.hasOwn(MODULES, one) || isLoaded(ns, one))
  if (IN_USE.has(name) || users.length > 0) {
    const by = users.length === 0 ? '' : ` by: ${users.join(' ')}`
    return toolRefuses(
      tool === 'rmmod' ? `rmmod: ERROR: Module ${name} is in use${by}` : `modprobe: FATAL: Module ${name} is in use.`,
    )
  }
  if (name === 'br_netfilter') {
    const left = Object.entries(ns.sysctls).filter(([key]) => !key.startsWith('net.bridge.'))
    return withNamespace(network, { ...ns, sysctls: Object.fromEntries(left) })
  }
  return namespacesOf(network, ns).reduce((next, netns) => {
    const devices = Object.values(namespaceOf(next, netns).interfaces).filter((link) => link.kind === kind)
    return devices.reduce((left, link) => removeInterface(left, netns, link.name), next)
  }, network)
}
