import {
  arp,
  busyboxArp,
  busyboxIfconfig,
  ifconfig,
  sysctlList,
  wgShow,
  wgShowAllowedIps,
  wgShowDump,
} from '../linux/index.ts'
import { didYouMean, goRegexp, SYSCTL_DEFAULTS, sysctlOf } from '../model/index.ts'
import { changeNeighbours, changeState } from './change.ts'
import { type FlagTable, parseFlags } from './flags.ts'
import type { Host } from './host.ts'
import { failed, printed } from './result.ts'
import type { Run } from './run.ts'

/** `arp [-n]`, `arp -d ADDRESS [-i DEV]`. */
export function arpCommand(host: Host, words: readonly string[], line: string): Run {
  if (words.includes('-d')) return changeNeighbours(host, words, line)
  const options = { entries: host.neighbours }
  return printed(host.isBusybox ? busyboxArp(host.view, options) : arp(host.view, options))
}

/** The tool's refusal of an option it does not have; undefined when all are known. */
function unknownOption(words: readonly string[], known: readonly string[]): Run | undefined {
  const [tool = '', ...rest] = words
  const wrong = rest.find((word) => word.startsWith('-') && !known.includes(word))
  return wrong === undefined ? undefined : failed(`${tool}: unrecognized option '${wrong}'`, 2)
}

/** `ifconfig [-a] [DEV]`. */
export function ifconfigCommand(host: Host, words: readonly string[]): Run {
  const wrong = unknownOption(words, ['-a', '-s', '-v'])
  if (wrong !== undefined) return wrong
  const dev = words.slice(1).find((w) => !w.startsWith('-'))
  if (dev !== undefined && host.model.interfaces[dev] === undefined) {
    const hint = didYouMean(dev, Object.keys(host.model.interfaces))
    return failed(`${dev}: error fetching interface information: Device not found (packetwalk: ${hint})`)
  }
  const options = { ...(dev === undefined ? {} : { dev }), all: words.includes('-a'), counters: host.counters }
  return printed(host.isBusybox ? busyboxIfconfig(host.view, options) : ifconfig(host.view, options))
}

/** The tool takes both separators: where a slash comes first, slashes separate, and dots belong to names. */
function sysctlKey(word: string): string {
  return /^[^.]*\//.test(word) ? word.replace(/[./]/g, (sign) => (sign === '/' ? '.' : '/')) : word
}

const SYSCTL_FLAGS: FlagTable = {
  valued: { '-r': 'pattern', '--pattern': 'pattern' },
  plain: {
    ...{ '-w': 'write', '--write': 'write', '-a': 'all', '-A': 'all', '-X': 'all', '--all': 'all' },
    ...{
      '-n': 'values',
      '--values': 'values',
      '-q': 'quiet',
      '--quiet': 'quiet',
      '-e': 'ignore',
      '--ignore': 'ignore',
    },
    ...{ '-N': 'names', '--names': 'names', '-p': 'load', '--load': 'load', '--system': 'system' },
  },
}

/** `sysctl [-n] KEY…` (of a directory all that is in it), `sysctl -a [-r PATTERN]`, `sysctl [-q] [-w] KEY=VALUE…`, `sysctl -p [FILE]`. */
export function sysctlCommand(host: Host, words: readonly string[]): Run {
  const parsed = parseFlags(words.slice(1), SYSCTL_FLAGS)
  if (typeof parsed === 'string') return failed(`sysctl: ${parsed.replace(/^error: /, '')}`)
  const { flags, words: args } = parsed
  const has = (flag: string): boolean => flags.has(flag)
  if (has('system')) return failed('packetwalk: sysctl --system: files of the machine are not there; sysctl -p FILE', 2)
  if (has('load')) return loadSettings(host, args[0] ?? '/etc/sysctl.conf', has('quiet'))
  const line = (key: string, value: string): string =>
    has('names') ? `${key}\n` : has('values') ? `${value}\n` : `${key} = ${value}\n`
  if (has('all') || args.length === 0) return allSettings(host, flags.get('pattern'), line)
  let stdout = ''
  let stderr = ''
  let remark = ''
  for (const arg of args) {
    const [name = '', ...rest] = arg.split('=')
    const key = sysctlKey(name.trim())
    const written = rest.length === 0 ? undefined : changeState(host, `sysctl -w "${key}=${rest.join('=').trim()}"`)
    if (written !== undefined && written.exitCode !== 0) stderr += written.stderr
    else if (has('write') && written === undefined) stderr += `sysctl: "${arg}" must be of the form name=value\n`
    else {
      const value = settingOf(host, key)
      const below = value === undefined ? settingsBelow(host, key) : []
      if (below.length > 0) {
        stdout += below.map(([one, of]) => line(one, of)).join('')
        remark = 'packetwalk: of a directory the settings that are known here\n'
      } else if (value === undefined)
        stderr += `sysctl: cannot stat /proc/sys/${key.replaceAll('.', '/')}: No such file or directory\n`
      else if (written === undefined || !has('quiet')) stdout += line(key, value)
    }
  }
  if (has('ignore')) stderr = stderr.replace(/^sysctl: cannot stat .*\n/gm, '')
  return stderr === '' ? printed(stdout, remark) : { ...failed(stderr), stdout }
}

/** A setting as it is; undefined where there is none, or no such interface. */
function settingOf(host: Host, key: string): string | undefined {
  const dev = /^net\.ipv[46]\.(?:conf|neigh)\.([^.]+)\./.exec(key)?.[1]?.replaceAll('/', '.')
  const isThere = dev === undefined || dev === 'all' || dev === 'default' || Object.hasOwn(host.model.interfaces, dev)
  return isThere ? sysctlOf(host.model, key) : undefined
}

/** What is in a directory of /proc/sys, of the settings that are known here. */
function settingsBelow(host: Host, key: string): (readonly [key: string, value: string])[] {
  const devs = ['all', 'default', ...Object.keys(host.model.interfaces).map((dev) => dev.replaceAll('.', '/'))]
  const known = Object.keys(SYSCTL_DEFAULTS).flatMap((one) => {
    const [, table, name] = /^(net\.ipv[46]\.(?:conf|neigh))\.([^.]+)$/.exec(one) ?? []
    if (table === undefined) return [one]
    const own = table.endsWith('neigh') ? devs.slice(1) : devs
    return own.map((dev) => `${table}.${dev}.${name}`)
  })
  const keys = new Set([...Object.keys(host.model.sysctls), ...known].filter((one) => one.startsWith(`${key}.`)))
  return [...keys].sort().flatMap((one) => {
    const value = settingOf(host, one)
    return value === undefined ? [] : [[one, value] as const]
  })
}

function allSettings(
  host: Host,
  pattern: string | true | undefined,
  line: (key: string, value: string) => string,
): Run {
  const expression = goRegexp(typeof pattern === 'string' ? pattern : '')
  if (typeof expression === 'string') return failed(`sysctl: ${expression}`)
  const lines = sysctlList(host.model).split('\n').slice(0, -1)
  return printed(
    lines
      .map((text) => text.split(' = ', 2))
      .filter(([key = '']) => expression.test(key))
      .map(([key = '', value = '']) => line(key, value))
      .join(''),
  )
}

/** `sysctl -p FILE`: every line of it. */
function loadSettings(host: Host, name: string, quiet: boolean): Run {
  const text = host.files.read(name)
  if (typeof text !== 'string') return failed(`sysctl: cannot open "${name}": ${text.fault}`)
  const settings = text.split('\n').filter((one) => !/^\s*([#;]|$)/.test(one))
  const runs = settings.map((one) =>
    sysctlCommand(host, ['sysctl', ...(quiet ? ['-q'] : []), one.replace(/^\s*-/, '').trim()]),
  )
  const stderr = runs.map((run) => run.stderr).join('')
  const stdout = runs.map((run) => run.stdout).join('')
  return stderr === '' ? printed(stdout) : { ...failed(stderr), stdout }
}

/** What is shown of devices, one by one; all where nothing is said. */
const WG_SHOWN: ReadonlySet<string | undefined> = new Set([undefined, 'dump', 'allowed-ips'])

/** `wg [show [all|DEV] [dump|allowed-ips]]`. */
export function wgCommand(host: Host, words: readonly string[]): Run {
  const [verb = 'show', dev = 'all', what, ...more] = words.slice(1)
  if (verb !== 'show' || more.length > 0 || !WG_SHOWN.has(what))
    return failed(
      `packetwalk: wg ${words.slice(1).join(' ')} is not known here; there is wg show [all|DEV] [dump|allowed-ips]`,
      2,
    )
  const links = Object.values(host.model.interfaces).filter((link) => link.wireguard !== undefined)
  if (dev === 'interfaces') return printed(links.length === 0 ? '' : `${links.map(({ name }) => name).join(' ')}\n`)
  if (dev !== 'all' && !links.some(({ name }) => name === dev))
    return failed(
      `Unable to access interface: ${Object.hasOwn(host.model.interfaces, dev) ? 'Operation not supported' : 'No such device'}`,
    )
  const kept = links.filter(({ name }) => dev === 'all' || name === dev)
  const own = { ...host.model, interfaces: Object.fromEntries(kept.map((link) => [link.name, link])) }
  if (what === undefined) return printed(wgShow(own))
  const text = what === 'dump' ? wgShowDump(own) : wgShowAllowedIps(own)
  return printed(dev === 'all' ? text : text.replaceAll(`${dev}\t`, ''))
}
