import { applyCommand } from '../commands/index.ts'
import { parseIp } from '../wire/index.ts'
import type { Host } from './host.ts'
import { failed, printed } from './result.ts'
import type { Run } from './run.ts'

/** Runs a command that changes the state of a namespace: `ip route del …`, `sysctl -w …`, `iptables -A …`. */
export function changeState(host: Host, line: string, stdin = ''): Run {
  const applied = applyCommand(host.lab.network, host.netns, line, { stdin })
  if ('refused' in applied) return failed(applied.refused, applied.exitCode)
  host.lab.setNetwork(applied.network)
  return printed('')
}

/** `ip neigh flush …`, `ip neigh del …`, `arp -d …`: what was learned goes, and what was written. */
export function changeNeighbours(host: Host, words: readonly string[], line: string): Run {
  const isFlush = words.includes('flush')
  const dev = valueAfter(words, 'dev') ?? valueAfter(words, '-i')
  const address = words.find((word) => parseIp(word) !== undefined)
  const family = words.includes('-6') ? 'inet6' : words.includes('-4') ? 'inet' : undefined
  const state = valueAfter(words, 'nud')?.toUpperCase()
  const removed = host.ns.neigh.flush(
    (entry) =>
      (dev === undefined || entry.dev.name === dev) &&
      (address === undefined || entry.dst === address) &&
      (family === undefined || entry.family === family) &&
      (state === undefined || entry.ref.state === state),
  )
  if (words[0] === 'arp') return removed ? printed('') : failed(`No ARP entry for ${address ?? ''}`, 255)
  const written = changeState(host, line)
  return removed && !isFlush ? printed('') : written
}

function valueAfter(words: readonly string[], key: string): string | undefined {
  const at = words.indexOf(key)
  return at === -1 ? undefined : words[at + 1]
}
