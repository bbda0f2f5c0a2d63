import { applyCommand } from '../commands/index.ts'
import { routeTable } from '../linux/index.ts'
import { type Namespace, type Route, writtenOut } from '../model/index.ts'
import { parseIp, parsePrefix } from '../wire/index.ts'
import { changeState } from './change.ts'
import type { Host } from './host.ts'
import { failed, printed } from './result.ts'
import type { Run } from './run.ts'

const PRINTING: ReadonlySet<string> = new Set(['-n', '-e', '-ee', '-v', '-4'])

/** Words with a value that routes of this tool have and that mean something else than in `ip route`, or nothing. */
const REFUSED: ReadonlySet<string> = new Set(['mss', 'mtu', 'window', 'irtt', 'mod', 'dyn', 'reinstate'])

/** `route [-n]`; `route add|del [-net|-host] TARGET [netmask MASK] [gw GATEWAY] [metric N] [[dev] DEV] [reject]`. */
export function routeCommand(host: Host, words: readonly string[]): Run {
  const at = words.findIndex((word, i) => i > 0 && !word.startsWith('-'))
  const options = words.slice(1, at === -1 ? undefined : at)
  const verb = words[at]
  if (options.some((word) => word === '-6' || word === '-A' || word === '--inet6'))
    return failed('route: packetwalk: routes of IPv6 are those of ip -6 route', 2)
  const wrong = options.find((word) => !PRINTING.has(word))
  if (wrong !== undefined) return failed(`route: unrecognized option '${wrong}'`, 2)
  if (verb === undefined || at === -1) return printed(routeTable(host.view))
  if (verb !== 'add' && verb !== 'del' && verb !== 'delete')
    return failed(`route: packetwalk does not know ${verb}; there are route -n, route add and route del`, 2)
  const asked = readRoute(words.slice(at + 1))
  if ('refused' in asked) return failed(asked.refused, host.isBusybox ? 1 : asked.exitCode)
  return verb === 'add' ? add(host, asked) : remove(host, asked)
}

interface Asked {
  /** As `ip route` takes it. */
  readonly target: string
  readonly gateway: string | undefined
  readonly dev: string | undefined
  readonly metric: string | undefined
  readonly isRejected: boolean
  /** The kernel takes no address with bits outside of its mask. */
  readonly isInvalid: boolean
}

interface Refused {
  readonly refused: string
  readonly exitCode: number
}

function readRoute(words: readonly string[]): Asked | Refused {
  const kind = words[0] === '-net' || words[0] === '-host' ? words[0] : undefined
  const [target, ...rest] = kind === undefined ? words : words.slice(1)
  if (target === undefined)
    return refusal('packetwalk: route add|del [-net|-host] TARGET [netmask MASK] [gw GATEWAY] [metric N] [[dev] DEV]')
  const values = new Map<string, string>()
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] as string
    if (REFUSED.has(word)) return refusal(`packetwalk: route … ${word} is not modelled; ip route takes mtu and advmss`)
    if (word === 'reject') values.set(word, word)
    else if (['netmask', 'gw', 'gateway', 'metric', 'dev', 'device'].includes(word)) {
      const value = rest[++i]
      if (value === undefined) return refusal(`route: ${word} needs a value`)
      values.set(word.replace('gateway', 'gw').replace('device', 'dev'), value)
    } else values.set('dev', word)
  }
  const gateway = values.get('gw')
  if (gateway !== undefined && !isIpv4(gateway)) return { refused: `${gateway}: Unknown host`, exitCode: 6 }
  const metric = values.get('metric')
  if (metric !== undefined && !/^\d{1,9}$/.test(metric)) return refusal(`route: ${metric} is no metric`)
  const place = readTarget(target, kind, values.get('netmask'))
  if ('refused' in place) return place
  return { ...place, gateway, metric, dev: values.get('dev'), isRejected: values.has('reject') }
}

function readTarget(
  text: string,
  kind: '-net' | '-host' | undefined,
  netmask: string | undefined,
): Pick<Asked, 'target' | 'isInvalid'> | Refused {
  if (text === 'default') return { target: 'default', isInvalid: false }
  const [address = '', suffix] = text.split('/', 2)
  if (!isIpv4(address)) return { refused: `${text}: Unknown host`, exitCode: 6 }
  if (suffix !== undefined && netmask !== undefined) return refusal('route: a netmask stands behind the slash already')
  const mask = netmask === undefined ? undefined : lengthOf(netmask)
  if (netmask !== undefined && mask === undefined) return refusal(`route: bogus netmask ${netmask}`)
  const length = suffix === undefined ? mask : Number(suffix)
  if (length !== undefined && !(/^\d*$/.test(suffix ?? '') && length <= 32))
    return { refused: `${text}: Unknown host`, exitCode: 6 }
  if (kind !== '-net') {
    if (length === undefined || length === 32) return { target: address, isInvalid: false }
    return refusal(
      `route: netmask ${hexMask(length)} doesn't make sense with host route (packetwalk: route add -net ${text})`,
    )
  }
  if (length === undefined) return { target: address, isInvalid: address !== '0.0.0.0' }
  const target = `${address}/${length}`
  if (parsePrefix(target) === undefined) return refusal("route: netmask doesn't match route address")
  return { target, isInvalid: false }
}

const refusal = (refused: string): Refused => ({ refused, exitCode: 3 })

function isIpv4(text: string): boolean {
  return /^[\d.]+$/.test(text) && parseIp(text) !== undefined
}

/** Bits of a mask; undefined when those that are set do not stand together at its beginning. */
function lengthOf(netmask: string): number | undefined {
  if (!isIpv4(netmask)) return undefined
  const bits = netmask
    .split('.')
    .map((byte) => Number(byte).toString(2).padStart(8, '0'))
    .join('')
  return /^1*0*$/.test(bits) ? bits.replace(/0/g, '').length : undefined
}

/** A mask as the tool prints it: its bytes in the order of the machine. */
function hexMask(length: number): string {
  const bytes = [0, 8, 16, 24].map((from) => 256 - 2 ** (8 - Math.min(8, Math.max(0, length - from))))
  return bytes
    .reverse()
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
}

function add(host: Host, asked: Asked): Run {
  if (asked.isInvalid) return refusedByKernel(host, 'SIOCADDRT: Invalid argument')
  if (!asked.isRejected && asked.gateway === undefined && asked.dev === undefined)
    return refusedByKernel(host, 'SIOCADDRT: No such device')
  const { network } = host.lab
  // Another route of the same metric goes before those that are there; only the same once more is refused.
  const applied = applyCommand(network, host.netns, lineOf('prepend', asked))
  if ('refused' in applied) return refusedByKernel(host, `SIOCADDRT: ${inErrno(applied.refused)}`)
  const fresh = (applied.network.namespaces[host.netns] as Namespace).routes
  const before = writtenOut(network, host.model).routes
  const added = fresh.find((route) => !before.includes(route))
  if (added !== undefined && before.some((route) => isSame(route, added)))
    return refusedByKernel(host, 'SIOCADDRT: File exists')
  host.lab.setNetwork(applied.network)
  return printed('')
}

function remove(host: Host, asked: Asked): Run {
  if (asked.isInvalid) return refusedByKernel(host, 'SIOCDELRT: Invalid argument')
  const run = changeState(host, lineOf('del', asked))
  return run.exitCode === 0 ? run : refusedByKernel(host, `SIOCDELRT: ${inErrno(run.stderr)}`)
}

function lineOf(verb: 'prepend' | 'del', { target, gateway, dev, metric, isRejected }: Asked): string {
  const words = [
    ...(isRejected ? ['unreachable', target, 'scope', 'host'] : [target]),
    ...(gateway === undefined ? [] : ['via', gateway]),
    ...(dev === undefined ? [] : ['dev', dev]),
    ...(metric === undefined ? [] : ['metric', metric]),
  ]
  return `ip route ${verb} ${words.join(' ')}`
}

/** Whether the kernel takes two routes for the same. @linux net/ipv4/fib_trie.c fib_table_insert */
function isSame(a: Route, b: Route): boolean {
  const keys = ['family', 'dst', 'table', 'type', 'protocol', 'scope', 'via', 'dev', 'src'] as const
  return keys.every((key) => a[key] === b[key]) && (a.metric ?? 0) === (b.metric ?? 0) && (a.tos ?? 0) === (b.tos ?? 0)
}

/** What `ip` says, as the error that the kernel gives without words. */
function inErrno(said: string): string {
  if (/No such process/.test(said)) return 'No such process'
  if (/Cannot find device|No such device/.test(said)) return 'No such device'
  if (/invalid gateway|Network is unreachable/.test(said)) return 'Network is unreachable'
  if (/not up|Network is down/.test(said)) return 'Network is down'
  return `Invalid argument (packetwalk: ${said.trim()})`
}

function refusedByKernel({ isBusybox }: Host, said: string): Run {
  return isBusybox ? failed(`route: ${said}`, 1) : failed(said, 7)
}
