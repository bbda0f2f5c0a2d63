import {
  addressLine,
  fdbLine,
  iptablesRuleText,
  linkDetails,
  neighbourLine,
  routeLine,
  ruleLine,
} from '../../linux/index.ts'
import {
  type Chain,
  eachMember,
  type FdbEntry,
  type Interface,
  type IpSet,
  type IptRule,
  type Match,
  type Neighbour,
  type Origin,
  type ProxyNeighbour,
  type Route,
  type Rule,
  type WireguardPeer,
} from '../../model/index.ts'
import { isSameData } from '../same-data.ts'
import { routeKey } from './route-key.ts'

/** An entry of one of the tables of a machine. */
export interface StateEntry {
  /** Entries of equal keys are the same entry. */
  readonly key: string
  /** In the words of its tool: entries of equal texts do not differ. */
  readonly text: string
  /** What made it. */
  readonly origin?: Origin
}

function entry(key: string, text: string, origin: Origin | undefined): StateEntry {
  return { key, text, ...(origin === undefined ? {} : { origin }) }
}

/** A route. */
export function routeEntry(route: Route): StateEntry {
  return entry(routeKey(route), routeLine(route), route.origin)
}

/** A policy rule: it has no key but what it says. */
export function ruleEntry(rule: Rule): StateEntry {
  const text = ruleLine(rule)
  return entry(`${rule.family} ${text}`, text, rule.origin)
}

/** A neighbour. */
export function neighbourEntry(neighbour: Neighbour): StateEntry {
  return entry(neighbourKey(neighbour), neighbourLine(neighbour), neighbour.origin)
}

/** What tells a neighbour, or a proxied one, from others. */
export function neighbourKey({ dst, dev }: Neighbour | ProxyNeighbour): string {
  return `${dev ?? ''} ${dst}`
}

/** A proxy neighbour. */
export function proxyEntry(proxy: ProxyNeighbour): StateEntry {
  const { dst, dev, origin } = proxy
  return entry(neighbourKey(proxy), `${dst}${dev === undefined ? '' : ` dev ${dev}`} proxy`, origin)
}

/** A forwarding entry. */
export function fdbEntry(fdb: FdbEntry): StateEntry {
  return entry(fdbKey(fdb), fdbLine(fdb), fdb.origin)
}

/** What tells a forwarding entry from others: a device may send broadcasts to several ends. @linux drivers/net/vxlan/vxlan_core.c */
function fdbKey({ mac, dev, vlan, vni, dst, self = false }: FdbEntry): string {
  const isDefault = mac === '00:00:00:00:00:00'
  return [dev, mac, vlan, vni, self, isDefault ? dst : ''].join(' ')
}

/** An interface, without its addresses and peers; its number says nothing. */
export function interfaceEntry(dev: Interface): StateEntry {
  const words = [
    dev.name,
    `mtu ${dev.mtu}`,
    dev.up ? 'up' : 'down',
    ...(dev.noarp === true ? ['noarp'] : []),
    ...(dev.mac === undefined ? [] : [`address ${dev.mac}`]),
    ...(dev.master === undefined ? [] : [`master ${dev.master}`]),
    ...(dev.wireguard === undefined ? [] : [wireguardWords(dev.wireguard)]),
    ...linkDetails(dev).map((line) => line.trim()),
  ]
  return entry(dev.name, words.join(' '), dev.origin)
}

function wireguardWords({ publicKey = '(none)', listenPort, fwmark }: NonNullable<Interface['wireguard']>): string {
  return `public key ${publicKey} listen-port ${listenPort} fwmark 0x${fwmark.toString(16)}`
}

/** The addresses of an interface. */
export function addressEntries({ name, addresses }: Interface): StateEntry[] {
  return addresses.map((address) => {
    const text = addressLine({ ...address, label: address.label ?? '' }).trim()
    const isNamed = text.endsWith(` ${name}`)
    const shown = isNamed ? text.slice(0, -name.length - 1) : text
    return entry(`${name} ${address.local}/${address.prefixlen}`, `${shown} dev ${name}`, address.origin)
  })
}

/** The peers of a WireGuard device. */
export function peerEntries({ name, wireguard, origin }: Interface): StateEntry[] {
  return (wireguard?.peers ?? []).map((peer) =>
    entry(`${name} ${peer.publicKey}`, `${name} peer ${peerWords(peer)}`, origin),
  )
}

function peerWords({ publicKey, endpoint, allowedIps, persistentKeepalive }: WireguardPeer): string {
  const { address = '', port } = endpoint ?? {}
  const host = address.includes(':') ? `[${address}]` : address
  return [
    publicKey,
    ...(endpoint === undefined ? [] : [`endpoint ${host}:${port}`]),
    `allowed-ips ${allowedIps.join(',')}`,
    ...(persistentKeepalive === undefined ? [] : [`persistent-keepalive ${persistentKeepalive}`]),
  ].join(' ')
}

/** What tells a rule of a chain from others. */
export function ruleKey(rule: IptRule, family: 'inet' | 'inet6'): string {
  return iptablesRuleText('', rule, family)
}

/** Whether two chains of one name say the same, rule by rule, whatever made them. */
export function isSameChain(a: Chain, b: Chain): boolean {
  if (a === b || a.rules === b.rules) return a.policy === b.policy
  if (a.policy !== b.policy || a.rules.length !== b.rules.length) return false
  return a.rules.every((rule, i) => isSameRule(rule, b.rules[i]!))
}

function isSameRule(a: IptRule, b: IptRule): boolean {
  if (a === b) return true
  // One that was typed keeps its words.
  if (a.text !== b.text) return ruleKey(a, 'inet6') === ruleKey(b, 'inet6')
  return (
    a.matches.length === b.matches.length &&
    a.matches.every((match, i) => isSameMatch(match, b.matches[i]!)) &&
    isSameData(a.target, b.target)
  )
}

/** Whether two tests are the same; a comment that is made when it is read is Felix' hash of what is compared besides, and is not made for it. */
function isSameMatch(a: Match, b: Match): boolean {
  if (a.kind === 'comment' && b.kind === 'comment' && isMadeLate(a) && isMadeLate(b)) return true
  return isSameData(a, b)
}

function isMadeLate(match: Match): boolean {
  return Object.getOwnPropertyDescriptor(match, 'comment')?.get !== undefined
}

/** Members that are told one by one. */
const MOST_MEMBERS = 16

/** Members that came to a set and went from it, as many as a line holds: `cali40s:… +10.0.0.5 -10.0.0.6`. */
export function setText({ name }: IpSet, come: readonly string[], gone: readonly string[]): string {
  const all = [...come.map((member) => `+${member}`), ...gone.map((member) => `-${member}`)]
  const more = all.length > MOST_MEMBERS ? [`and ${all.length - MOST_MEMBERS} more`] : []
  return [name, ...all.slice(0, MOST_MEMBERS), ...more].join(' ')
}

/** The members of a set. */
export function membersIn(set: IpSet | undefined): ReadonlySet<string> {
  return new Set(set === undefined ? [] : eachMember(set))
}
