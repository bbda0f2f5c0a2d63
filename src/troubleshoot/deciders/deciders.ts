import type { FailureCode } from '../../failures/index.ts'
import type { Decider } from '../diagnosis.ts'
import { OF_KERNEL } from './kernel.ts'
import type { DecidedPlace } from './place.ts'
import { OF_POLICY } from './policy.ts'
import { OF_ROUTING } from './routing.ts'
import { type Row, routeGet } from './row.ts'
import { OF_UNDERLAY } from './underlay.ts'

/** What decides each failure. Those whose command needs no packet come first where there is a choice. */
const DECIDERS: Readonly<Partial<Record<FailureCode, Row>>> = {
  ...OF_UNDERLAY,
  ...OF_ROUTING,
  ...OF_KERNEL,
  ...OF_POLICY,
}

/** The one command that decides on a failure; undefined for what has no row. */
export function deciderOf(failure: FailureCode, place: DecidedPlace): Decider | undefined {
  return DECIDERS[failure]?.(place)
}

/** The three facts that split the causes of "A does not reach B": is the route there, is it tunnelled, does the outer packet arrive. */
export function threeFacts(place: DecidedPlace, outer: string): readonly Decider[] {
  return [
    {
      at: place.node,
      command: routeGet(place),
      shows: `dev ${place.tunnel}`,
      ifSo: `the route is there: dev ${place.tunnel}`,
      ifNot: 'there is none, or the default route',
    },
    {
      at: place.node,
      command: `ip -d link show ${place.tunnel}`,
      shows: '<[^>]*\\bUP\\b',
      ifSo: 'the device is UP, and its MTU is that of the pods or more',
      ifNot: 'it is DOWN, or not there',
    },
    {
      at: place.peer,
      command: `tcpdump -c 3 -ni ${place.card} ${outer}`,
      shows: '^[1-9]\\d* packets captured',
      ifSo: 'the outer packet arrives: look at this node',
      ifNot: 'it does not: look at the network between',
    },
  ]
}
