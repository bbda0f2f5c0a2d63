import { familyOf } from '../../wire/index.ts'
import type { Shown } from '../shown.ts'

/** The address of whoever sent the packet that was lost. */
function senderOf({ lab, flow, loss, trace }: Shown): string {
  const seen = trace.hops.find((hop) => hop.kind === 'route' && hop.netns === lab.endpoint(flow.from).netns)
  const asked = seen?.kind === 'route' ? seen.destination : ''
  const { addresses } = lab.endpoint(loss.stage.startsWith('reply.') ? flow.to : flow.from)
  return addresses.find((one) => asked === '' || familyOf(one) === familyOf(asked)) ?? ''
}

/** What the lookup that went wrong asked for; where a source was refused, that source. */
export function targetOf(shown: Shown): string {
  const { trace, finding, flow, drop, loss, facts } = shown
  if (loss.code === 'RPF_DROP') return senderOf(shown)
  const routes = trace.hops.flatMap((hop) => (hop.kind === 'route' ? [hop] : []))
  const own = drop === undefined ? routes : routes.filter(({ packet }) => packet === drop.packet)
  const there = own.filter(({ netns }) => netns === finding.netns)
  const ofPod = there.find(({ destination }) => facts.ownerOf(destination)?.role === 'pod')
  return (ofPod ?? there.at(-1) ?? own.at(-1) ?? routes.at(-1))?.destination ?? flow.to
}
