import {
  describedUnderlay,
  type UnderlayFilter,
  type UnderlayInterface,
  type UnderlayResource,
  type UnderlaySegment,
} from '../control/index.ts'
import { apply, type InjectionStep } from './injection.ts'
import { lacks, type Situation } from './situation.ts'

/** The Underlay of a cluster as an object, written out where nobody gave it. */
export function underlayOf({ cluster }: Situation): UnderlayResource {
  return describedUnderlay(cluster.resources)
}

/** The card of a node that packets between nodes take, and its segment. @throws InputError where it has none */
export function cardOf(situation: Situation, node: string): { readonly dev: string; readonly segment: string } {
  const machine = underlayOf(situation).spec.nodes.find(({ name }) => name === node)
  const found = situation.cluster.nodes.find(({ name }) => name === node)
  const own = found?.ipv4?.address ?? found?.ipv6?.address
  const has = ({ address = '', addresses = [] }: UnderlayInterface): boolean =>
    [address, ...addresses].some((text) => text.split('/')[0] === own)
  const card = machine?.interfaces.find(has)
  if (card?.segment === undefined) throw lacks(situation, 'two-nodes')
  return { dev: card.name, segment: card.segment }
}

/** The network namespace of a segment's switch. */
export function switchOf({ network }: Situation, segment: string): string {
  const name = `switch-${segment}`
  return Object.hasOwn(network.namespaces, name) ? name : segment
}

/** An Underlay with one segment changed. */
export function withSegment(
  underlay: UnderlayResource,
  name: string,
  change: (segment: UnderlaySegment) => UnderlaySegment,
): UnderlayResource {
  const segments = underlay.spec.segments.map((one) => (one.name === name ? change(one) : one))
  return { ...underlay, spec: { ...underlay.spec, segments } }
}

/** An Underlay with a card of a node changed. */
export function withCard(
  underlay: UnderlayResource,
  node: string,
  dev: string,
  change: (card: UnderlayInterface) => UnderlayInterface,
): UnderlayResource {
  const nodes = underlay.spec.nodes.map((one) =>
    one.name === node
      ? { ...one, interfaces: one.interfaces.map((card) => (card.name === dev ? change(card) : card)) }
      : one,
  )
  return { ...underlay, spec: { ...underlay.spec, nodes } }
}

/** Filters stand before those of a segment. */
export function filtered(
  situation: Situation,
  segment: string,
  says: string,
  ...filters: readonly UnderlayFilter[]
): InjectionStep {
  const underlay = underlayOf(situation)
  const before = (one: UnderlaySegment): UnderlaySegment => ({ ...one, filters: [...filters, ...(one.filters ?? [])] })
  return apply(says, withSegment(underlay, segment, before))
}
