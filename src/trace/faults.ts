import { IP_PROTOCOL } from '../wire/index.ts'
import type { Hop } from './hop.ts'
import type { TraceFault } from './trace.ts'

/**
 * The rules every trace keeps, checked: a packet ends once, nothing happens to it afterwards, and it changes its namespace
 * only by leaving through a device and arriving at another. A fault is a bug of packetwalk, not of the network.
 */
export function faultsOf(hops: readonly Hop[]): readonly TraceFault[] {
  const faults: TraceFault[] = []
  const last = new Map<number, Hop>()
  const ended = new Map<number, Hop>()
  for (const hop of hops) {
    if (hop.packet === 0 || !MOVES.has(hop.kind)) continue
    const before = last.get(hop.packet)
    const end = ended.get(hop.packet)
    if (end !== undefined && !follows(end, hop)) {
      faults.push({
        packet: hop.packet,
        text: `${hop.kind} in ${hop.netns} after its end (${end.kind} in ${end.netns})`,
      })
    }
    if (before !== undefined && before.netns !== hop.netns && !(before.kind === 'tx' && hop.kind === 'rx')) {
      faults.push({
        packet: hop.packet,
        text: `gets from ${before.netns} (${before.kind}) to ${hop.netns} (${hop.kind}) without tx and rx`,
      })
    }
    last.set(hop.packet, hop)
    if (hop.kind === 'drop' || hop.kind === 'fragment' || (hop.kind === 'deliver' && hop.taken))
      ended.set(hop.packet, hop)
  }
  return faults
}

/** Hops that move a packet or end it. */
const MOVES: ReadonlySet<Hop['kind']> = new Set([
  'tx',
  'rx',
  'forward',
  'deliver',
  'drop',
  'fragment',
  'encap',
  'decap',
])

/**
 * What may come after an end: a raw socket's copy is delivered too, the stack frees what it delivered, and a connection that was
 * given a segment may not want it, e.g. a SYN again.
 */
function follows(end: Hop, hop: Hop): boolean {
  if (end.kind !== 'deliver') return false
  const isJudged = end.protocol === IP_PROTOCOL.TCP && end.netns === hop.netns
  return hop.kind === 'deliver' || (hop.kind === 'drop' && (hop.harmless || isJudged))
}
