import type { Hop, NeighbourHop, Trace } from '../../trace/index.ts'

/** A question for a link-layer address in one sentence: who was asked for, who answered, what. */
export function resolutionSentence(
  trace: Trace,
  waiting: NeighbourHop | undefined,
  hops: readonly Hop[],
): { readonly target: string; readonly sentence: string } {
  const judged = hops.flatMap((hop) => (hop.kind === 'arp' ? [hop] : []))
  const target = waiting?.address ?? judged[0]?.target ?? ''
  const answer = judged.find((hop) => hop.answered && (target === '' || hop.target === target))
  if (answer === undefined) {
    const what = target === '' ? 'a link-layer address' : `the MAC address of ${target}`
    return { target, sentence: `asks for ${what}: nobody answers` }
  }
  const proxy = answer.facts.some((fact) => fact.kind === 'sysctl' || fact.kind === 'proxy-neighbour')
  const known = trace.hops.find(
    (hop) => hop.kind === 'neighbour' && hop.address === target && hop.lladdr !== '' && hop.time >= answer.time,
  )
  const mac = known?.kind === 'neighbour' ? ` ${known.lladdr}` : ''
  const how = proxy ? ' (for another: proxy ARP or NDP)' : ''
  return { target, sentence: `asks for the MAC address of ${target}: ${answer.netns} answers${mac}${how}` }
}
