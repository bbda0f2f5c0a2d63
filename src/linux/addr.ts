import { type Address, type Interface, SCOPE_NUMBERS, type Scope } from '../model/index.ts'
import { isIpv4 } from '../wire/index.ts'
import { type Json, type Line, next, numeric } from './cursor.ts'
import { flagOf, ipOf, type JsonObject, jsonValue, numberOf, objectsIn, objectsOf, textOf } from './json.ts'
import { type LinkOptions, linkBody, linkHead, linkJson, linkSuffix } from './link.ts'
import { originAt, type Place, report } from './place.ts'
import { linkFlags, linksOf, operState, type View } from './view.ts'

/** A scope by name; also the numbers `ip -N` prints. */
export function parseScope(text: string): Scope | undefined {
  return (Object.keys(SCOPE_NUMBERS) as Scope[]).find((name) => name === text || String(SCOPE_NUMBERS[name]) === text)
}

function parseAddress(object: JsonObject): Address | undefined {
  const family = textOf(object, 'family')
  if (family === undefined) return undefined
  if (family !== 'inet' && family !== 'inet6') {
    return report(object.place, 'unsupported', 'inet or inet6', family, 'family')
  }
  const local = ipOf(object, 'local')
  const prefixlen = numberOf(object, 'prefixlen')
  if (local === undefined) return report(object.place, 'invalid', 'an address', undefined, 'local')
  if (isIpv4(local) !== (family === 'inet')) {
    return report(object.place, 'invalid', `an address of family ${family}`, local, 'local')
  }
  const bits = family === 'inet' ? 32 : 128
  if (prefixlen === undefined || prefixlen > bits) {
    return report(object.place, 'invalid', `a prefix length up to ${bits}`, prefixlen, 'prefixlen')
  }
  const scope = parseScope(textOf(object, 'scope') ?? 'global')
  if (scope === undefined) return report(object.place, 'invalid', 'a scope', textOf(object, 'scope'), 'scope')
  const peer = ipOf(object, 'address')
  const broadcast = ipOf(object, 'broadcast')
  for (const [key, other] of Object.entries({ address: peer, broadcast })) {
    if (other !== undefined && isIpv4(other) !== (family === 'inet')) {
      return report(object.place, 'invalid', `an address of family ${family}`, other, key)
    }
  }
  const label = textOf(object, 'label')
  return {
    family,
    local,
    ...(peer === undefined || peer === local ? {} : { peer }),
    prefixlen,
    ...(broadcast === undefined ? {} : { broadcast }),
    scope,
    ...(label === undefined ? {} : { label }),
    ...flags(object),
    origin: originAt(object.place),
  }
}

const FLAGS = ['nodad', 'tentative', 'dadfailed', 'deprecated', 'noprefixroute'] as const

function flags(object: JsonObject): Partial<Address> {
  const set: Record<string, true> = {}
  if (flagOf(object, 'secondary') || flagOf(object, 'temporary')) set['secondary'] = true
  for (const name of FLAGS) if (flagOf(object, name)) set[name] = true
  return set
}

/** `ip -j addr show`: the addresses of each interface by its name, in the kernel's order. */
export function parseAddresses(content: unknown, place: Place): Map<string, Address[]> {
  const byName = new Map<string, Address[]>()
  for (const link of objectsIn(jsonValue(content, place), place)) {
    const name = textOf(link, 'ifname')
    if (name === undefined) continue
    const list = byName.get(name) ?? []
    for (const object of objectsOf(link, 'addr_info')) {
      const address = parseAddress(object)
      if (address !== undefined) list.push(address)
    }
    byName.set(name, list)
  }
  return byName
}

/** What `ip addr` is asked for. */
export interface AddrOptions extends LinkOptions {
  /** `-4` or `-6`: only interfaces with such an address, without the link layer. */
  readonly family?: 'inet' | 'inet6'
  /** `-o`: one line an address. */
  readonly oneline?: boolean
}

const FOREVER = 4294967295

function addressFlags(address: Address): string[] {
  return [
    ...(address.secondary === true ? [address.family === 'inet' ? 'secondary' : 'temporary'] : []),
    ...(address.tentative === true ? ['tentative'] : []),
    ...(address.deprecated === true ? ['deprecated'] : []),
    ...(address.noprefixroute === true ? ['noprefixroute'] : []),
    ...(address.nodad === true ? ['nodad'] : []),
    ...(address.dadfailed === true ? ['dadfailed'] : []),
  ]
}

function addressJson(address: Address): Record<string, unknown> {
  return {
    family: address.family,
    local: address.local,
    ...(address.peer === undefined ? {} : { address: address.peer }),
    prefixlen: address.prefixlen,
    ...(address.broadcast === undefined ? {} : { broadcast: address.broadcast }),
    scope: address.scope,
    ...Object.fromEntries(addressFlags(address).map((flag) => [flag, true])),
    ...(address.label === undefined ? {} : { label: address.label }),
    valid_life_time: FOREVER,
    preferred_life_time: address.deprecated === true ? 0 : FOREVER,
  }
}

function chosen(view: View, options: AddrOptions): { link: Interface; addresses: Address[] }[] {
  return linksOf(view)
    .filter((link) => options.dev === undefined || link.name === options.dev)
    .map((link) => ({
      link,
      addresses: link.addresses.filter((address) => options.family === undefined || address.family === options.family),
    }))
    .filter(({ addresses }) => options.family === undefined || addresses.length > 0)
}

/** `ip -j -d addr show`. */
export function ipAddrJson(view: View, options: AddrOptions = {}): Record<string, unknown>[] {
  return chosen(view, options).map(({ link, addresses }) => {
    const { linkmode: _mode, inet6_addr_gen_mode: _gen, ...fields } = linkJson(view, link)
    return { ...fields, addr_info: addresses.map(addressJson) }
  })
}

/** One address on one line, as `ip addr show` prints it. */
export function addressLine(address: Address): string {
  const where = address.peer === undefined ? address.local : `${address.local} peer ${address.peer}`
  const broadcast = address.broadcast === undefined ? '' : ` brd ${address.broadcast}`
  const flags = addressFlags(address)
    .map((flag) => `${flag} `)
    .join('')
  return `${address.family} ${where}/${address.prefixlen}${broadcast} scope ${address.scope} ${flags}${address.label ?? ''}`
}

function lifetimes(address: Address): string {
  return `       valid_lft forever preferred_lft ${address.deprecated === true ? '0sec' : 'forever'}`
}

/** The label an address is shown with; the kernel gives every IPv4 address the name of its interface. */
function labelled(link: Interface, address: Address): Address {
  return address.family === 'inet' && address.label === undefined ? { ...address, label: link.name } : address
}

/** `ip addr show`, with `-4`, `-6`, `-d`, `-o` or `-br` where asked. */
export function ipAddr(view: View, options: AddrOptions = {}): string {
  return chosen(view, options)
    .flatMap(({ link, addresses }) => {
      if (options.brief === true) return [briefLine(view, link, addresses)]
      const lines = addresses.map((address) => labelled(link, address))
      if (options.oneline === true) {
        const name = `${link.ifindex}: ${link.name}    `
        return lines.map((address) => `${name}${addressLine(address)}\\${lifetimes(address)}`)
      }
      const body = options.family === undefined ? linkBody(link, options.details === true) : []
      const addressLines = lines.flatMap((address) => [`    ${addressLine(address)}`, lifetimes(address)])
      const head = options.family === 'inet6' ? shortHead(view, link) : linkHead(view, link, false)
      return [head, ...body, ...addressLines]
    })
    .map((line) => `${line}\n`)
    .join('')
}

/** `ip -6 addr` asks IPv6 for the links, which knows less of them. */
function shortHead(view: View, link: Interface): string {
  const queue = link.txqlen === undefined ? '' : `qlen ${link.txqlen}`
  return (
    `${link.ifindex}: ${link.name}${linkSuffix(view, link)}: <${linkFlags(view, link).join(',')}> ` +
    `mtu ${link.mtu} state ${operState(view, link)} ${queue}`
  )
}

function briefLine(view: View, link: Interface, addresses: readonly Address[]): string {
  const name = `${link.name}${linkSuffix(view, link)}`.padEnd(16)
  const list = addresses.map(
    ({ local, peer, prefixlen }) => `${peer === undefined ? local : `${local} peer ${peer}`}/${prefixlen} `,
  )
  return `${name} ${operState(view, link).padEnd(14)} ${list.join('')}`
}

const ADDRESS_FLAGS: ReadonlySet<string> = new Set([
  'secondary',
  'temporary',
  'tentative',
  'deprecated',
  'dadfailed',
  'noprefixroute',
  'nodad',
  'dynamic',
  'mngtmpaddr',
])

/** An `inet` or `inet6` line of `ip addr` in plain text as the object its `-j` form gives. */
export function addressObject(family: string, line: Line, ifname: string): Json {
  const first = next(line)
  const address: Json = { family, scope: 'global' }
  const [local, length] = first.split('/')
  address['local'] = local
  if (length !== undefined) address['prefixlen'] = numeric(length)
  while (line.at < line.words.length) {
    const word = next(line)
    if (word === 'peer') {
      const [peer, bits] = next(line).split('/')
      address['address'] = peer
      address['prefixlen'] = numeric(bits ?? '32')
    } else if (word === 'brd') address['broadcast'] = next(line)
    else if (word === 'scope') address['scope'] = next(line)
    else if (word === 'metric') next(line)
    else if (ADDRESS_FLAGS.has(word)) address[word] = true
    else if (family === 'inet' && word.startsWith(ifname)) address['label'] = word
  }
  return address
}
