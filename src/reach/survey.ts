import type { Cells } from './cells.ts'
import { Alike } from './ends/alike.ts'
import type { EndClass } from './ends/classes.ts'
import { Nearness } from './ends/nearness.ts'
import { countOfPairs } from './ends/pairs.ts'
import { outsideCells } from './outside-services.ts'
import type { ReachCell } from './reach.ts'
import type { ReachOptions } from './reach-of.ts'
import { serviceCells } from './services.ts'
import type { ReachWorld } from './world.ts'

/** Classes that ask, and classes that are asked. */
export interface Side {
  /** Those that ask. */
  readonly from: readonly EndClass[]
  /** Those that are asked. */
  readonly to: readonly EndClass[]
}

/** How far the work is. */
export interface ReachStep {
  /** Pairs of classes that are done. */
  readonly done: number
  /** Of how many. */
  readonly total: number
  /** How much all of it is: about how many pairs are judged for themselves, about fifty thousand of which a core does in a second. */
  readonly work: number
}

/** How many pairs of classes are done between two steps. */
const STRIDE = 64

/** What a pair takes that host endpoints are asked about, in pairs that are not. */
const JUDGED_BY_HOSTS = 50

/** What a class takes that asks a Service. */
const LED = 50

/** No pair of ends. */
const NONE = -1

/**
 * Makes the cells. Classes are told apart by what they are asked as well as by what they ask: of each way to ask and each way to be asked
 * one pair is judged, and all others have what that has.
 */
export class Survey {
  /** Cells, in order of those that ask. */
  readonly cells: ReachCell[] = []
  /** Pairs of ends that they stand for. */
  pairs = 0
  /** Why it is not whole. */
  stopped: string | undefined
  private readonly world: ReachWorld
  private readonly made: Cells
  private readonly places: ReadonlyMap<EndClass, number>
  private readonly all: readonly EndClass[]
  private readonly alike = new Alike()
  private readonly near = new Nearness()
  /** Patterns, by how near two sorts of classes are. */
  private readonly known = new Map<number, Map<number, number>>()

  constructor(world: ReachWorld, made: Cells, classes: readonly EndClass[], all: readonly EndClass[]) {
    this.world = world
    this.made = made
    this.places = new Map(classes.map((one, i) => [one, i]))
    this.all = all
  }

  /** All cells of some classes with some, in steps. Whoever takes them may say that it is enough: false. */
  *steps(sides: readonly Side[], shard: NonNullable<ReachOptions['shard']>): Generator<ReachStep, void, boolean> {
    const own = sides.map(({ from, to }) => ({
      from: from.filter((one, i) => one.kind !== 'service' && i % shard.of === shard.index - 1),
      to,
    }))
    const total = own.reduce((sum, { from, to }) => sum + from.length * to.length, 0)
    const work = own.reduce((sum, side) => sum + this.workOf(side), 0)
    let done = 0
    for (const { from: asking, to: asked } of own) {
      for (const from of asking) {
        for (const to of asked) {
          if (done % STRIDE === 0 && !(yield { done, total, work })) {
            this.stopped = `stopped after ${done} of ${total} pairs of classes`
            return
          }
          done += 1
          this.cell(from, to)
        }
      }
    }
  }

  /** Pairs that are judged each for itself, those that take longer as several. */
  private workOf({ from, to }: Side): number {
    const { alike, world } = this
    const asking = new Set(from.map((one) => alike.from(one))).size
    const asked = new Set(to.flatMap((one) => (one.kind === 'service' ? [] : [alike.to(one)]))).size
    const services = to.filter(({ kind }) => kind === 'service').length
    return asking * asked * (world.areHosts ? JUDGED_BY_HOSTS : 1) + from.length * services * LED
  }

  private cell(from: EndClass, to: EndClass): void {
    if (from.kind === 'outside' && to.kind === 'outside') return
    const { places } = this
    const pattern = to.kind === 'service' ? this.ofService(from, to) : this.between(from, to)
    if (pattern === undefined) return
    this.pairs += countOfPairs(from, to)
    this.cells.push({ from: places.get(from) as number, to: places.get(to) as number, pattern })
  }

  private ofService(from: EndClass, to: EndClass): number | undefined {
    const { world, made, all } = this
    return from.kind === 'outside' ? outsideCells(world, made, from, to) : serviceCells(world, made, from, to, all)
  }

  private between(from: EndClass, to: EndClass): number | undefined {
    const near = this.near.of(from, to)
    if (near === 0) return undefined
    const sort = this.alike.from(from) * 8 + near
    const row = this.known.get(sort) ?? new Map<number, number>()
    this.known.set(sort, row)
    const asked = this.alike.toFrom(from, to)
    const known = row.get(asked) ?? this.made.between(from, to) ?? NONE
    row.set(asked, known)
    return known === NONE ? undefined : known
  }
}
