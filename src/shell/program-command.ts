import {
  type OutOfRange,
  outOfRange,
  PING_RANGES,
  Ping,
  parseProgram,
  TRACEROUTE_RANGES,
  Traceroute,
} from '../programs/index.ts'
import { parseIp } from '../wire/index.ts'
import type { Host } from './host.ts'
import { failed } from './result.ts'
import type { Run } from './run.ts'

/** `ping …` and `traceroute …`: names of pods and nodes are taken where an address is wanted. */
export function programCommand(host: Host, words: readonly string[]): Run {
  const tool = words[0] === 'traceroute' || words[0] === 'traceroute6' ? 'traceroute' : 'ping'
  const line = words.map((word) => resolve(host, word)).join(' ')
  const parsed = parseProgram(tool === 'ping' ? 'icmp-echo' : 'traceroute-udp', line)
  if (typeof parsed === 'string') return failed(`${tool}: packetwalk does not know: ${parsed}`, 2)
  if (parsed.kind !== 'ping' && parsed.kind !== 'traceroute')
    return failed(`${tool}: usage: ${tool} [options] ADDRESS`, 2)
  const wrong = outOfRange(parsed.options, parsed.kind === 'ping' ? PING_RANGES : TRACEROUTE_RANGES)
  if (wrong !== undefined)
    return failed(refusal(tool, wrong, host.isBusybox), tool === 'ping' && !host.isBusybox ? 1 : 2)
  const { ns, starts } = host
  const program =
    parsed.kind === 'ping'
      ? new Ping(ns, {
          ...(starts === undefined ? { count: 4 } : {}),
          ...(host.isBusybox ? { dialect: 'busybox' } : {}),
          ...parsed.options,
        })
      : new Traceroute(ns, parsed.options)
  if (starts !== undefined) return starts(program, isEndless(parsed))
  host.ran = host.lab.run(program)
  return host.ran
}

/** A ping without `-c` and `-w` goes on. */
function isEndless(parsed: { readonly kind: string; readonly options: object }): boolean {
  return parsed.kind === 'ping' && !('count' in parsed.options) && !('deadline' in parsed.options)
}

/** The tool's words for a number it does not take: busybox has few, iputils and traceroute name the bounds. */
function refusal(tool: string, { name, value, range }: OutOfRange, isBusybox: boolean): string {
  // iputils reads 0 to 255 and lets the kernel refuse what is no TTL.
  if (!isBusybox && tool === 'ping' && name === 'ttl' && value === 0) {
    return 'ping: cannot set unicast time-to-live: Invalid argument'
  }
  if (isBusybox) return `${tool}: invalid number '${value}'`
  return `${tool}: invalid argument: '${value}': out of range: ${range.low} <= value <= ${range.high}`
}

/** An address for a word that names an endpoint; every other word stays. */
function resolve(host: Host, word: string): string {
  if (word.startsWith('-') || /^[\d.]+$/.test(word) || parseIp(word.replace(/%.*/, '')) !== undefined) return word
  const names = Object.keys(host.lab.network.namespaces)
  const known = names.some((n) => n === word || n.endsWith(`/${word}`) || `node/${n}` === word)
  return known ? (host.lab.endpoint(word).address ?? word) : word
}
