import type { In6Addr, NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { addressLabel, commonBits, isMulticast6, LOOPBACK_ADDR, SCOPE, sourceScope } from './addr.ts'
import { ipv6Of } from './slot.ts'

/** What the candidates are measured against. */
interface Target {
  readonly key: string
  readonly scope: number
  readonly label: number
  readonly dev: NetDevice | null
}

/** ORCHID addresses are 2001:10::/28. @rfc 4843 */
const ORCHID = `\x20\x01\0\x10${'\0'.repeat(12)}`
const ORCHID_LENGTH = 28
/** Added to scopes that do not reach far enough, so that they come behind all that do. */
const TOO_SMALL = 128
const RULES = 7
const SCOPE_RULE = 1

/**
 * The source address for a destination: the best of all addresses, or of the device's own for multicast and link-local
 * destinations.
 *
 * @param dev - device the packet leaves by, null = not known
 * @returns '' when there is none
 * @rfc 6724 §5
 * @linux net/ipv6/addrconf.c ipv6_dev_get_saddr
 */
export function ipv6DevGetSaddr(ns: NetNs, dev: NetDevice | null, daddr: string): string {
  if (ipv6Of(ns) === null) return ''
  const target = { key: daddr, scope: sourceScope(daddr), label: addressLabel(daddr), dev }
  const choice: Choice = { addr: null, dev: null }
  if (dev !== null && (isMulticast6(daddr) || target.scope <= SCOPE.LINK)) consider(dev, target, choice)
  else for (const one of ns.devices) consider(one, target, choice)
  return choice.addr === null ? '' : choice.addr.key
}

interface Choice {
  addr: In6Addr | null
  dev: NetDevice | null
}

/** Compares a device's addresses with the best so far. */
function consider(dev: NetDevice, target: Target, choice: Choice): void {
  if (dev.conf6.disabled) return
  for (const addr of dev.addrs6) {
    if (addr.tentative || isMulticast6(addr.key)) continue
    if (choice.addr === null || choice.dev === null) {
      choice.addr = addr
      choice.dev = dev
      continue
    }
    for (let rule = 0; rule < RULES; rule++) {
      const best = evaluate(rule, choice.addr, choice.dev, target)
      const mine = evaluate(rule, addr, dev, target)
      if (best === mine) continue
      if (mine > best) {
        choice.addr = addr
        choice.dev = dev
      }
      break
    }
  }
}

/** How well an address does by one rule; more is better. @linux net/ipv6/addrconf.c ipv6_get_saddr_eval */
function evaluate(rule: number, addr: In6Addr, dev: NetDevice, target: Target): number {
  switch (rule) {
    case 0:
      return Number(addr.key === target.key)
    case SCOPE_RULE: {
      const scope = sourceScope(addr.key)
      return scope >= target.scope ? -scope : scope - TOO_SMALL
    }
    case 2:
      return Number(addr.key === LOOPBACK_ADDR || !addr.deprecated)
    case 3:
      return Number(target.dev === null || target.dev === dev)
    case 4:
      return Number(addressLabel(addr.key) === target.label)
    case 5:
      return Number(isOrchid(addr.key) === isOrchid(target.key))
    default:
      return Math.min(commonBits(addr.key, target.key), addr.prefixlen)
  }
}

function isOrchid(key: string): boolean {
  return commonBits(key, ORCHID) >= ORCHID_LENGTH
}
