import { arp, busyboxArp, busyboxIfconfig, ifconfig, routeTable, sysctlList, wgShow } from '../linux/index.ts'
import { didYouMean, sysctlOf } from '../model/index.ts'
import { changeNeighbours, changeState } from './change.ts'
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

/** `route -n`. */
export function routeCommand(host: Host, words: readonly string[]): Run {
  const wrong = unknownOption(words, ['-n', '-e', '-ee', '-v', '-4'])
  if (wrong !== undefined) return wrong
  const [word] = words.slice(1).filter((w) => !w.startsWith('-'))
  if (word !== undefined)
    return failed(`route: packetwalk does not know ${word}; it prints the table (ip route changes it)`, 2)
  return printed(routeTable(host.view))
}

/** The tool takes both separators: where a slash comes first, slashes separate, and dots belong to names. */
function sysctlKey(word: string): string {
  return /^[^.]*\//.test(word) ? word.replace(/[./]/g, (sign) => (sign === '/' ? '.' : '/')) : word
}

/** `sysctl [-a] KEY…`, `sysctl -w KEY=VALUE`. */
export function sysctlCommand(host: Host, words: readonly string[], line: string): Run {
  const args = words.slice(1).filter((w) => !w.startsWith('-'))
  if (args.some((a) => a.includes('='))) return changeState(host, line)
  if (args.length === 0) return printed(sysctlList(host.model))
  let stdout = ''
  let stderr = ''
  for (const arg of args) {
    const key = sysctlKey(arg)
    const dev = /^net\.ipv[46]\.(?:conf|neigh)\.([^.]+)\./.exec(key)?.[1]?.replaceAll('/', '.')
    const isThere = dev === undefined || dev === 'all' || dev === 'default' || Object.hasOwn(host.model.interfaces, dev)
    const value = isThere ? sysctlOf(host.model, key) : undefined
    if (value === undefined)
      stderr += `sysctl: cannot stat /proc/sys/${key.replaceAll('.', '/')}: No such file or directory\n`
    else stdout += `${key} = ${value}\n`
  }
  return stderr === '' ? printed(stdout) : { ...failed(stderr, 255), stdout }
}

/** `wg show`. */
export function wgCommand(host: Host): Run {
  return printed(wgShow(host.model))
}
