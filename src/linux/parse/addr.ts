import type { Address, Scope } from '../../model/index.ts'
import { isIpv4 } from '../../wire/index.ts'
import { flagOf, ipOf, type JsonObject, jsonValue, numberOf, objectsIn, objectsOf, textOf } from './json.ts'
import { originAt, type Place, report } from './place.ts'

const SCOPES: ReadonlySet<string> = new Set(['global', 'site', 'link', 'host', 'nowhere'])

/** A scope by name; also the numbers `ip -N` prints. */
export function parseScope(text: string): Scope | undefined {
  if (SCOPES.has(text)) return text as Scope
  return ({ 0: 'global', 200: 'site', 253: 'link', 254: 'host', 255: 'nowhere' } as Record<string, Scope>)[text]
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
