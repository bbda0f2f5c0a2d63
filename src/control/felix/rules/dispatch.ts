import { pushTo, type RuleMeaning } from '../../../model/index.ts'
import type { FelixChain, FelixMatch, FelixRule } from './chain.ts'
import { goTo, inDev, outDev, rule } from './words.ts'

/** One interface packets may come by, and where they go then. */
export interface Dispatched {
  /** Interface. */
  readonly dev: string
  /** Chain of its endpoint. */
  readonly chain: string
  /** Which endpoint that is. */
  readonly meaning: RuleMeaning
}

/** A dispatch over interfaces. */
export interface Dispatch {
  /** Name of the root chain. */
  readonly name: string
  /** Whether packets come in by the interface, or go out. */
  readonly way: 'in' | 'out'
  /** Endpoints. */
  readonly targets: readonly Dispatched[]
  /** What becomes of packets of other interfaces. */
  readonly end: readonly FelixRule[]
}

/** What all names begin with. */
function commonPrefix(names: readonly string[]): string {
  const [first = '', ...others] = names
  let length = first.length
  for (const name of others) while (!name.startsWith(first.slice(0, length))) length--
  return first.slice(0, length)
}

/** Endpoints by what all have in common and one character more, in order of their names. */
function byPrefix(targets: readonly Dispatched[]): {
  readonly common: string
  readonly bins: Map<string, Dispatched[]>
} {
  const sorted = [...targets].sort((a, b) => (a.dev < b.dev ? -1 : a.dev > b.dev ? 1 : 0))
  const common = commonPrefix(sorted.map(({ dev }) => dev))
  const bins = new Map<string, Dispatched[]>()
  for (const [i, target] of sorted.entries()) {
    if (sorted[i - 1]?.dev === target.dev) continue
    pushTo(bins, target.dev.slice(0, common.length + 1), target)
  }
  return { common, bins }
}

/**
 * A tree of two storeys: packets go to the chain of their interface's first letters, and from there to its endpoint's. They
 * never come back, so each chain ends as the root does.
 *
 * @calico felix/rules/dispatch.go
 */
export function dispatchChains({ name, way, targets, end }: Dispatch): FelixChain[] {
  const by = (dev: string): FelixMatch => (way === 'in' ? inDev(dev) : outDev(dev))
  const leaf = ({ dev, chain, meaning }: Dispatched): FelixRule => rule([by(dev)], goTo(chain), { meaning })
  const { common, bins } = byPrefix(targets)
  const children: FelixChain[] = []
  const root = [...bins].map(([prefix, bin]): FelixRule => {
    if (bin.length === 1) return leaf(bin[0]!)
    const child = `${name}-${prefix.slice(common.length)}`
    children.push({ name: child, rules: [...bin.map(leaf), ...end] })
    return rule([by(`${prefix}+`)], goTo(child))
  })
  return [...children, { name, rules: [...root, ...end] }]
}
