/** Places on a packet's way, in order: what may go wrong has a place and a code. */
export const STAGES = [
  'pod.route',
  'pod.neigh',
  'host.raw',
  'host.ct',
  'host.prednat',
  'host.dnat',
  'host.fib',
  'host.fwd',
  'host.input',
  'host.snat',
  'encap',
  'nic.tx',
  'underlay',
  'nic.rx',
  'remote.input',
  'decap',
  'remote.fwd',
  'remote.neigh',
  'pod.rx',
] as const

/** A place on a packet's way. */
export type StagePlace = (typeof STAGES)[number]

/** A place on the way of a request, on that of its answer, before any packet (a pod without a network), or nowhere: nothing is lost. */
export type Stage = StagePlace | `reply.${StagePlace}` | 'before-the-packet' | 'nowhere'
