import { checkArgument, isRecord } from '../model/index.ts'
import type { FrameHop, Hop, HopKind, TunnelHop } from './hop.ts'
import type { Trace } from './trace.ts'

/** The hop with this discriminant. */
export type HopOf<K extends HopKind> = K extends FrameHop['kind']
  ? FrameHop
  : K extends TunnelHop['kind']
    ? TunnelHop
    : Extract<Hop, { readonly kind: K }>

/** The hops of one kind, in order; in one namespace only, when it is given. */
export function hopsOf<K extends HopKind>(trace: Pick<Trace, 'hops'>, kind: K, netns?: string): readonly HopOf<K>[] {
  checkArgument(isRecord(trace) && Array.isArray(trace.hops), 'trace', 'a trace, such as run.trace', trace)
  return trace.hops.filter((hop): boolean => hop.kind === kind && (netns ?? hop.netns) === hop.netns) as HopOf<K>[]
}
