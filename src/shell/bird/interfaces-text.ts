import type { Interface, Namespace } from '../../model/index.ts'
import type { Family } from '../../wire/index.ts'

/** `show interfaces`. @bird nest/iface.c if_show */
export function interfacesText(ns: Namespace, family: Family): string {
  return interfacesOf(ns)
    .map((link) => {
      const own = addressesOf(link, family)
      const lines = own.map(({ local, prefixlen, scope }, i) => {
        const rank = i === primaryOf(own) ? 'Primary' : 'Unselected'
        return `\t${local}/${prefixlen} (${rank}, scope ${scopeOf(local, scope)})\n`
      })
      return `${link.name} ${stateOf(link, family)} (index=${link.ifindex})\n\t${flagsOf(link)} MTU=${link.mtu}\n${lines.join('')}`
    })
    .join('')
}

/** `show interfaces summary`. @bird nest/iface.c if_show_summary */
export function interfacesSummary(ns: Namespace, family: Family): string {
  const lines = interfacesOf(ns).map((link) => {
    const own = addressesOf(link, family)
    const first = own[primaryOf(own)]
    const address = first === undefined ? '' : `${first.local}/${first.prefixlen}`
    return `${link.name.padEnd(9)} ${stateOf(link, family).padEnd(5)} ${address}\n`
  })
  return `interface state address\n${lines.join('')}`
}

function interfacesOf(ns: Namespace): Interface[] {
  return Object.values(ns.interfaces).sort((a, b) => a.ifindex - b.ifindex)
}

function addressesOf({ addresses }: Interface, family: Family): Interface['addresses'] {
  return addresses.filter((one) => one.family === (family === 4 ? 'inet' : 'inet6'))
}

/** The first address of the widest scope. */
function primaryOf(addresses: Interface['addresses']): number {
  const wide = addresses.findIndex(({ scope }) => scope === 'global' || scope === 'site')
  return wide === -1 ? 0 : wide
}

/** An interface is up for BIRD where its administrator says so and it has an address of the family. @bird nest/iface.c if_recalc_flags */
function stateOf(link: Interface, family: Family): 'up' | 'DOWN' {
  return link.up && addressesOf(link, family).length > 0 ? 'up' : 'DOWN'
}

function flagsOf(link: Interface): string {
  const isPoint = link.kind === 'ipip' || link.kind === 'wireguard'
  const kind =
    link.kind === 'loopback' ? ['MultiAccess'] : isPoint ? ['PtP'] : ['MultiAccess', 'Broadcast', 'Multicast']
  return [
    ...kind,
    ...(link.up ? ['AdminUp'] : ['AdminDown']),
    ...(link.up && link.carrier !== false ? ['LinkUp'] : ['LinkDown']),
    ...(link.kind === 'loopback' ? ['Loopback', 'Ignored'] : []),
  ].join(' ')
}

/** Private addresses are of site scope to BIRD, those of IPv6 by their prefix. @bird lib/ipv4.c ipv4_classify */
function scopeOf(address: string, scope: string): string {
  if (scope === 'host' || scope === 'link') return scope
  const isPrivate = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|f[cd])/.test(address)
  return isPrivate ? 'site' : 'univ'
}
