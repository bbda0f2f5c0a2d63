import { Ping, parseProgram, Traceroute } from '../programs/index.ts'
import { parseIp } from '../wire/index.ts'
import type { Host } from './host.ts'
import { type CommandResult, failed } from './result.ts'

/** `ping …` and `traceroute …`: names of pods and nodes are taken where an address is wanted. */
export function programCommand(host: Host, words: readonly string[]): CommandResult {
  const tool = words[0] === 'traceroute' || words[0] === 'traceroute6' ? 'traceroute' : 'ping'
  const line = words.map((word) => resolve(host, word)).join(' ')
  const parsed = parseProgram(tool === 'ping' ? 'icmp-echo' : 'traceroute-udp', line)
  if (typeof parsed === 'string') return failed(`${tool}: packetwalk does not know: ${parsed}`, 2)
  if (parsed.kind !== 'ping' && parsed.kind !== 'traceroute')
    return failed(`${tool}: usage: ${tool} [options] ADDRESS`, 2)
  const wrong = Object.entries(parsed.options).find(([, value]) => typeof value === 'number' && Number.isNaN(value))
  if (wrong !== undefined) return failed(`${tool}: invalid argument for ${wrong[0]}: expected a number`, 2)
  const { ns } = host
  const program =
    parsed.kind === 'ping'
      ? new Ping(ns, { count: 4, dialect: host.isBusybox ? 'busybox' : 'iputils', ...parsed.options })
      : new Traceroute(ns, parsed.options)
  const { stdout, stderr, exitCode, trace } = host.lab.run(program)
  return { stdout, stderr, exitCode, trace }
}

/** An address for a word that names an endpoint; every other word stays. */
function resolve(host: Host, word: string): string {
  if (word.startsWith('-') || /^[\d.]+$/.test(word) || parseIp(word.split('%')[0] ?? '') !== undefined) return word
  const names = Object.keys(host.lab.network.namespaces)
  const known = names.some((n) => n === word || n.endsWith(`/${word}`) || `node/${n}` === word)
  return known ? (host.lab.endpoint(word).address ?? word) : word
}
