import type { Address, Interface } from './interface.ts'
import { isInterfaceName } from './interface-name.ts'
import type { Namespace } from './namespace.ts'
import type { Report } from './validate.ts'

/** Names, indices, MTUs, masters, addresses and the parameters of each kind. */
export function checkInterfaces(ns: Namespace, report: Report): void {
  const byIndex = new Map<number, string>()
  for (const [name, link] of Object.entries(ns.interfaces)) {
    const at = (...path: (string | number)[]): (string | number)[] => ['interfaces', name, ...path]
    if (link.name !== name) report('invalid', at('name'), `the key it is filed under, ${name}`, link.name)
    if (!isInterfaceName(name))
      report('invalid', at('name'), 'a name of 1 to 15 bytes without "/", ":" and blanks', name)
    const other = byIndex.get(link.ifindex)
    if (other !== undefined)
      report('invalid', at('ifindex'), `an index of its own, ${other} has it`, String(link.ifindex))
    byIndex.set(link.ifindex, name)
    if (!Number.isInteger(link.ifindex) || link.ifindex < 1) {
      report('invalid', at('ifindex'), 'a whole number from 1', String(link.ifindex))
    }
    checkMtu(link, (expected) => report('invalid', at('mtu'), expected, String(link.mtu)))
    checkMaster(ns, link, report)
    checkKind(ns, link, report)
    checkAddresses(link, report)
  }
}

function checkMtu(link: Interface, report: (expected: string) => void): void {
  if (!Number.isInteger(link.mtu) || link.mtu < 68 || link.mtu > 65536) report('an MTU from 68 to 65536 bytes')
  else if (link.mtu < 1280 && link.addresses.some((address) => address.family === 'inet6')) {
    report('an MTU of at least 1280 bytes, since the interface has IPv6 addresses')
  }
}

function checkMaster(ns: Namespace, link: Interface, report: Report): void {
  if (link.master === undefined) return
  const path = ['interfaces', link.name, 'master']
  const master = ns.interfaces[link.master]
  const cycle = masterCycle(ns, link)
  if (master === undefined) report('missing_reference', path, 'a bridge of this namespace', link.master)
  else if (master.kind !== 'bridge') report('invalid', path, 'a bridge', `${link.master}, which is ${master.kind}`)
  else if (cycle !== undefined) report('invalid', path, 'no bridge that is its own port', cycle.join(' in '))
  else if (link.kind === 'bridge') report('invalid', path, 'a port that is no bridge', link.name)
}

/** The way from a port over its masters back to itself, if there is one. */
function masterCycle(ns: Namespace, link: Interface): string[] | undefined {
  const way = [link.name]
  let at = link.master
  while (at !== undefined) {
    if (way.includes(at)) return [...way, at]
    way.push(at)
    at = ns.interfaces[at]?.master
  }
  return undefined
}

function checkKind(ns: Namespace, link: Interface, report: Report): void {
  const path = ['interfaces', link.name, link.kind]
  const wants = link.kind === 'ipip' || link.kind === 'vxlan' || link.kind === 'wireguard'
  if (wants && link[link.kind as 'ipip' | 'vxlan' | 'wireguard'] === undefined) {
    report('invalid', path, `parameters of ${link.kind}`, 'nothing')
  }
  const under = link.vxlan?.link ?? link.ipip?.link
  if (under !== undefined && ns.interfaces[under] === undefined) {
    report('missing_reference', [...path, 'link'], 'an interface of this namespace', under)
  }
  if (link.vxlan !== undefined && !(link.vxlan.id >= 0 && link.vxlan.id < 2 ** 24)) {
    report('invalid', [...path, 'id'], 'a VNI of 24 bits', String(link.vxlan.id))
  }
  if (link.bridge?.vlanFiltering === true)
    report('unsupported', path, 'a bridge without VLAN filtering', 'vlanFiltering')
  if (link.bridge?.stp === true) report('unsupported', path, 'a bridge without spanning tree', 'stp')
  if (link.port?.neighSuppress === true) {
    report('unsupported', ['interfaces', link.name, 'port'], 'a port without neighbour suppression', 'neighSuppress')
  }
  if (link.mac === undefined && link.kind !== 'ipip' && link.kind !== 'wireguard') {
    report('invalid', ['interfaces', link.name, 'mac'], `a link-layer address (${link.kind} has one)`, 'nothing')
  }
}

function checkAddresses(link: Interface, report: Report): void {
  const seen = new Set<string>()
  link.addresses.forEach((address: Address, i) => {
    const path = ['interfaces', link.name, 'addresses', i]
    const inet6 = address.local.includes(':')
    const bits = inet6 ? 128 : 32
    if (inet6 !== (address.family === 'inet6')) {
      report('invalid', [...path, 'family'], inet6 ? 'inet6' : 'inet', address.family)
    }
    for (const [key, other] of Object.entries({ peer: address.peer, broadcast: address.broadcast })) {
      if (other !== undefined && other.includes(':') !== inet6) {
        report('invalid', [...path, key], `an address of family ${address.family}`, other)
      }
    }
    if (!Number.isInteger(address.prefixlen) || address.prefixlen < 0 || address.prefixlen > bits) {
      report('invalid', [...path, 'prefixlen'], `a length from 0 to ${bits}`, String(address.prefixlen))
    }
    const key = `${address.local}/${address.prefixlen} ${address.peer ?? ''}`
    if (seen.has(key)) report('invalid', path, 'each address once on an interface', address.local)
    seen.add(key)
  })
}
