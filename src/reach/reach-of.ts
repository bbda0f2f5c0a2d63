import type { Lab } from '../lab/index.ts'
import { Cells } from './cells.ts'
import { type EndClass, podClasses } from './classes.ts'
import { nodeClasses } from './node-classes.ts'
import { atomsOf, outsideClasses } from './outside.ts'
import { countOfPairs } from './pairs.ts'
import { REACH_SCHEMA, type Reach, type ReachCell, type ReachEnd } from './reach.ts'
import { serviceCells, serviceClasses } from './services.ts'
import { type ReachWorld, reachWorld } from './world.ts'

/** What is asked, and of how much of it. */
export interface ReachOptions {
  /** Only these ask: names of pods, `NAMESPACE/*`, `node/NAME`, `outside`, … Absent: all. */
  readonly from?: readonly string[]
  /** Only these are asked. */
  readonly to?: readonly string[]
  /** Told how many cells of how many are done; false stops, and what there is until then is the answer. */
  readonly progress?: (done: number, total: number) => boolean
}

/** How many cells are made between two words of progress. */
const STRIDE = 64

/**
 * Who reaches whom in a cluster: all pairs of pods, nodes, Services and addresses outside, for all headers. Ends that behave alike are
 * one class. What policy says is calculated for whole classes of headers; what it lets through is walked by packets, each way once.
 *
 * @throws InputError for a lab without objects, or names that nobody has
 */
export function reachOf(lab: Lab, options: ReachOptions = {}): Reach {
  const world = reachWorld(lab)
  const outside = outsideClasses(world)
  const nodes = nodeClasses(world)
  const pods = podClasses(world, atomsOf([...outside, ...nodes]))
  const services = serviceClasses(world)
  const classes = [...pods, ...nodes, ...services, ...outside]
  const cells = new Cells(world, outsideOf(lab))
  const found: ReachCell[] = []
  let [pairs, done] = [0, 0]
  const sources = classes.filter(({ kind }) => kind !== 'service')
  const total = sources.length * classes.length
  let isStopped = false
  try {
    all: for (const [i, from] of classes.entries()) {
      if (from.kind === 'service') continue
      for (const [j, to] of classes.entries()) {
        if (done % STRIDE === 0 && options.progress?.(done, total) === false) {
          isStopped = true
          break all
        }
        done += 1
        const pattern = patternOf(world, cells, from, to, classes)
        if (pattern === undefined) continue
        pairs += countOfPairs(from, to)
        found.push({ from: i, to: j, pattern })
      }
    }
  } finally {
    cells.walks.end()
  }
  return {
    schema: REACH_SCHEMA,
    ends: classes.map(endOf),
    outcomes: cells.outcomes.all,
    patterns: cells.patterns,
    cells: found,
    counts: {
      ends: classes.reduce((sum, { kind, members }) => sum + (kind === 'outside' ? 1 : members.length), 0),
      classes: classes.length,
      pairs,
      verdicts: world.gates.verdicts,
      ways: cells.walks.ways,
      packets: cells.walks.packets,
    },
    notes: [],
    ...(isStopped ? { partial: `stopped after ${done} of ${total} pairs of classes` } : {}),
  }
}

function patternOf(
  world: ReachWorld,
  cells: Cells,
  from: EndClass,
  to: EndClass,
  classes: readonly EndClass[],
): number | undefined {
  if (from.kind === 'outside' && to.kind === 'outside') return undefined
  if (to.kind !== 'service') return cells.between(from, to)
  return from.kind === 'outside' ? undefined : serviceCells(world, cells, from, to, classes)
}

function outsideOf({ network }: Lab): string | undefined {
  return ['internet', 'internet-2'].find((name) => network.namespaces[name]?.role === 'external')
}

function endOf({ kind, members, except }: EndClass): ReachEnd {
  const names = members.map(({ name }) => name)
  return {
    kind,
    label: labelOf(kind, names),
    members: names,
    ...(except === undefined || except.length === 0 ? {} : { except }),
  }
}

function labelOf(kind: ReachEnd['kind'], names: readonly string[]): string {
  const [first = ''] = names
  if (kind === 'outside') return first.endsWith('/0') ? `outside (${first})` : `outside ${first}${more(names)}`
  return `${first}${more(names)}`
}

function more(names: readonly string[]): string {
  return names.length > 1 ? ` +${names.length - 1}` : ''
}
