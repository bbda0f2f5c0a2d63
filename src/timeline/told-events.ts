import type { KubernetesEvent } from '../controllers/index.ts'

/** What was told of an object, as the API server keeps it: the same again is counted. */
export interface ToldEvent extends Omit<KubernetesEvent, 'at'> {
  /** How often. */
  readonly count: number
  /** When first, in nanoseconds of virtual time. */
  readonly first: number
  /** When last, in nanoseconds of virtual time. */
  readonly last: number
}

/** How long an API server keeps an event that is not told again, in nanoseconds. @kubernetes kube-apiserver --event-ttl */
const KEPT_FOR = 3600e9

/** So many are kept at most. An API server has no such bound. */
const MOST = 1000

/** What is told, with what controllers tell now. What was told last stands last. */
export function withTold(
  before: readonly ToldEvent[],
  fresh: readonly KubernetesEvent[],
  now: number,
): readonly ToldEvent[] {
  if (fresh.length === 0) return before
  const all = new Map<string, ToldEvent>()
  for (const one of before) if (one.last + KEPT_FOR > now) all.set(keyOf(one), one)
  for (const { at, ...one } of fresh) {
    const key = keyOf(one)
    const known = all.get(key)
    all.delete(key)
    all.set(key, { ...one, count: (known?.count ?? 0) + 1, first: known?.first ?? at, last: at })
  }
  return [...all.values()].slice(-MOST)
}

function keyOf({ object, type, reason, message, from }: Omit<KubernetesEvent, 'at'>): string {
  return [object.kind, object.namespace ?? '', object.name, type, reason, from, message].join('\n')
}

/** What an API server still keeps at a moment. */
export function keptAt(told: readonly ToldEvent[], now: number): readonly ToldEvent[] {
  return told.filter(({ last }) => last + KEPT_FOR > now)
}
