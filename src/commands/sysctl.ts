import type { Words } from '../linux/index.ts'
import { parseSysctlLine, sysctlKey } from '../linux/index.ts'
import { confKey, type Namespace, type Network, SYSCTL_DEFAULTS, sysctlOf } from '../model/index.ts'
import { hostPrefix, prefixAddress, prefixOf } from '../wire/index.ts'
import { BY_USER, namespaceOf, withNamespace, withRoutes } from './edit.ts'
import { kernelRoutesIn, withoutIpv6 } from './link-state.ts'
import { toolRefuses } from './refusal.ts'
import { isNamedByLinux } from './sysctl-names.ts'

const FLAGS: ReadonlySet<string> = new Set(['-w', '-q', '-e', '-n', '--write', '--quiet'])

/** `sysctl [-w] KEY=VALUE…`; keys alone change nothing. @throws Refusal in the words of `sysctl` */
export function sysctlCommand(network: Network, netns: string, words: Words): Network {
  let next = network
  for (const word of words.list.slice(words.at)) {
    if (FLAGS.has(word) || (!word.includes('=') && !word.startsWith('-'))) continue
    const line = parseSysctlLine(word)
    if (line === undefined) return toolRefuses(`sysctl: "${word}" must be of the form name=value`)
    next = withNamespace(next, setSysctl(namespaceOf(next, netns), line.key, line.value))
  }
  return next
}

/** `echo VALUE > /proc/sys/…`. @throws Refusal when there is no such file */
export function writeProcSys(network: Network, netns: string, path: string, value: string): Network {
  const key = sysctlKey(path.replace(/^\/proc\/sys\//, ''))
  return withNamespace(network, setSysctl(namespaceOf(network, netns), key, value))
}

const PER_DEV = /^net\.(ipv[46])\.(conf|neigh)\.([^.]+)\.([^.]+)$/

/**
 * A namespace with a sysctl written, and what the kernel changes with it: `ip_forward` and `conf.all.forwarding` are one
 * and reach every interface, `disable_ipv6` of `all` too; other values of `all` reach none.
 *
 * @linux net/ipv4/devinet.c inet_forward_change
 * @linux net/ipv6/addrconf.c addrconf_fixup_forwarding
 * @throws Refusal when the key names no interface or is known not to exist
 */
export function setSysctl(ns: Namespace, key: string, value: string): Namespace {
  const match = PER_DEV.exec(key)
  if (!isThere(ns, key)) return noSuchKey(key)
  if (!isValue(key, value)) return toolRefuses(`sysctl: setting key "${key}": Invalid argument`)
  if (match === null) {
    const next = assign(ns, [[key, value]])
    return key === 'net.ipv4.ip_forward' ? forwardAll4(next, value) : next
  }
  const [, family, table, name, field] = match as unknown as [string, 'ipv4' | 'ipv6', string, string, string]
  const dev = name.replaceAll('/', '.')
  if (dev !== 'all' && dev !== 'default' && !Object.hasOwn(ns.interfaces, dev)) return noSuchKey(key)
  const next = assign(ns, [[key, value]])
  if (table === 'neigh') return next
  if (family === 'ipv4') return dev === 'all' && field === 'forwarding' ? forwardAll4(next, value) : next
  if (field === 'forwarding') return forwarding6(next, dev, value)
  return field === 'disable_ipv6' ? disable6(next, dev, value) : next
}

/** Whether there is such a file: one the input has, one that is read here, or one of Linux. */
function isThere(ns: Namespace, key: string): boolean {
  if (Object.hasOwn(ns.sysctls, key) || sysctlOf(ns, key) !== undefined) return true
  return /^net\.[a-z0-9_]+\./.test(key) && isNamedByLinux(key)
}

/** Bounds of values; keys without a row take any 32-bit number. @linux net/ipv4/sysctl_net_ipv4.c, net/ipv6/sysctl_net_ipv6.c */
const BOUNDS: Readonly<Record<string, readonly [low: number, high: number]>> = {
  'net.ipv4.ip_default_ttl': [1, 255],
  'net.ipv4.fib_multipath_hash_policy': [0, 3],
  'net.ipv6.fib_multipath_hash_policy': [0, 3],
  'net.ipv4.ip_no_pmtu_disc': [-2147483648, 2147483647],
}

/** Whether the kernel takes the text for a key: numbers where the default is one (several where it is several). */
function isValue(key: string, value: string): boolean {
  const usual = SYSCTL_DEFAULTS[key] ?? (PER_DEV.test(key) ? '0' : undefined)
  if (usual === undefined || !/^-?\d+(\s+-?\d+)*$/.test(usual)) return true
  const [low, high] = BOUNDS[key] ?? [-2147483648, 4294967295]
  const numbers = value.trim().split(/\s+/)
  const isOne = (text: string): boolean =>
    /^-?(0x[0-9a-f]+|\d+)$/i.test(text) && Number(text) >= low && Number(text) <= high
  return numbers.length > 0 && numbers.every(isOne)
}

function noSuchKey(key: string): never {
  return toolRefuses(`sysctl: cannot stat /proc/sys/${key.replaceAll('.', '/')}: No such file or directory`)
}

function assign(ns: Namespace, values: readonly (readonly [string, string])[]): Namespace {
  const origins = Object.fromEntries(values.map(([key]) => [key, BY_USER]))
  return {
    ...ns,
    sysctls: { ...ns.sysctls, ...Object.fromEntries(values) },
    sysctlOrigins: { ...ns.sysctlOrigins, ...origins },
  }
}

function forwardAll4(ns: Namespace, value: string): Namespace {
  const devs = ['all', 'default', ...Object.keys(ns.interfaces)]
  return assign(ns, [
    ['net.ipv4.ip_forward', value],
    ...devs.map((dev) => [confKey('ipv4', dev, 'forwarding'), value] as const),
    [confKey('ipv4', 'all', 'accept_redirects'), value === '0' ? '1' : '0'],
  ])
}

/** A router also answers for the subnet-router anycast address of its subnets. */
function forwarding6(ns: Namespace, dev: string, value: string): Namespace {
  const devs = dev === 'all' ? ['default', ...Object.keys(ns.interfaces)] : [dev]
  let next = assign(
    ns,
    devs.map((name) => [confKey('ipv6', name, 'forwarding'), value] as const),
  )
  for (const name of devs) {
    const link = next.interfaces[name]
    if (link === undefined) continue
    if (value !== '0') next = withRoutes(next, kernelRoutesIn(next, link))
    else
      next = {
        ...next,
        routes: next.routes.filter(
          (route) => !(route.type === 'anycast' && route.dev === name && isOwn(link, route.dst)),
        ),
      }
  }
  return next
}

function isOwn(link: Namespace['interfaces'][string], dst: string): boolean {
  return link.addresses.some(
    (address) =>
      address.family === 'inet6' && hostPrefix(prefixAddress(prefixOf(address.local, address.prefixlen))) === dst,
  )
}

function disable6(ns: Namespace, dev: string, value: string): Namespace {
  const devs = dev === 'all' ? ['default', ...Object.keys(ns.interfaces)] : [dev]
  let next = assign(
    ns,
    devs.map((name) => [confKey('ipv6', name, 'disable_ipv6'), value] as const),
  )
  if (value === '0') return next
  for (const name of devs) next = withoutIpv6(next, name)
  return next
}
