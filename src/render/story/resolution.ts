import type { ArpHop, Hop, NeighbourHop, Trace } from '../../trace/index.ts'

/** A question for a link-layer address in one sentence: who was asked for, who answered, what. Undefined where nobody asked for any. */
export function resolutionSentence(
  trace: Trace,
  waiting: NeighbourHop | undefined,
  hops: readonly Hop[],
): { readonly target: string; readonly sentence: string } | undefined {
  const target = waiting?.address ?? hops.find((hop): hop is ArpHop => hop.kind === 'arp')?.target
  if (target === undefined) return undefined
  const since = hops[0]?.time ?? 0
  // Another packet may have asked for the same address already.
  const answer = trace.hops.find(
    (hop): hop is ArpHop => hop.kind === 'arp' && hop.answered && hop.target === target && hop.time >= since,
  )
  if (answer === undefined) return { target, sentence: `asks for the MAC address of ${target}: nobody answers` }
  const isProxy = answer.facts.some((fact) => fact.kind === 'sysctl' || fact.kind === 'proxy-neighbour')
  const known = trace.hops.find(
    (hop): hop is NeighbourHop =>
      hop.kind === 'neighbour' && hop.address === target && hop.lladdr !== '' && hop.time >= answer.time,
  )
  const mac = known === undefined ? '' : ` ${known.lladdr}`
  const how = isProxy ? ', for another (proxy)' : ''
  return { target, sentence: `asks for the MAC address of ${target}: ${answer.netns} answers${mac}${how}` }
}
