import { checkLab, type Lab } from '../lab/index.ts'
import { checkArgument, checkFunction, checkOptions, checkTexts, isRecord } from '../model/index.ts'
import { Cells } from './cells.ts'
import { askingClasses } from './ends/all-classes.ts'
import type { EndClass } from './ends/classes.ts'
import { serviceTitle } from './ends/members.ts'
import { selected } from './ends/selection.ts'
import { REACH_SCHEMA, type Reach, type ReachEnd } from './reach.ts'
import { serviceClasses } from './services.ts'
import { type ReachStep, type Side, Survey } from './survey.ts'
import { outsideOf, reachWorld } from './world.ts'

/** What is asked, and of how much of it. */
export interface ReachOptions {
  /** Only these ask: `NAMESPACE/POD`, `NAMESPACE/*`, `node/NAME`, `pods`, `nodes`, `outside`, … Absent: all. */
  readonly from?: readonly string[]
  /** Only these are asked. */
  readonly to?: readonly string[]
  /** Only flows of which these are one of the ends. */
  readonly focus?: readonly string[]
  /** Whether ways are walked by packets; absent: they are. Without, what policy lets through counts as allowed. */
  readonly packets?: boolean
  /** One of several parts that are put together by `mergedReach`; `index` from 1. */
  readonly shard?: { readonly index: number; readonly of: number }
  /** Told how many pairs of classes of how many are done; false stops, and what there is until then is the answer. */
  readonly progress?: (done: number, total: number) => boolean
}

/**
 * Who reaches whom in a cluster: all pairs of pods, nodes, Services and addresses outside, for all headers. Ends that behave alike are
 * one class. What policy says is calculated for whole classes of headers; what it lets through is walked by packets, each way once.
 *
 * @throws InputError for a lab without objects, or names that nobody has
 */
export function reachOf(lab: Lab, options: ReachOptions = {}): Reach {
  const steps = reachSteps(lab, options)
  const { progress = () => true } = options
  let step = steps.next(true)
  while (step.done !== true) step = steps.next(progress(step.value.done, step.value.total))
  return step.value
}

/**
 * The same in steps, for who has to do something else in between: `next(true)` goes on, `next(false)` makes what there is until then
 * the answer. `progress` is not told. The lab is used by nobody else until it is done.
 *
 * @throws InputError for a lab without objects, or names that nobody has
 */
export function reachSteps(lab: Lab, options: ReachOptions = {}): Generator<ReachStep, Reach, boolean> {
  checkLab(lab)
  checkReachOptions(options)
  return stepsOf(lab, options)
}

function* stepsOf(lab: Lab, options: ReachOptions): Generator<ReachStep, Reach, boolean> {
  const world = reachWorld(lab)
  const { pods, nodes, outside } = askingClasses(world)
  const all = [...pods, ...nodes, ...serviceClasses(world), ...outside]
  const sides = sidesOf(lab, all, options)
  const classes = [...new Set(sides.flatMap(({ from, to }) => [...from, ...to]))]
  const cells = new Cells(world, outsideOf(lab), options.packets !== false)
  const asked = new Survey(world, cells, classes, all)
  try {
    yield* asked.steps(sides, options.shard ?? { index: 1, of: 1 })
  } finally {
    cells.walks.end()
  }
  return {
    schema: REACH_SCHEMA,
    ends: classes.map(endOf),
    outcomes: cells.outcomes.all,
    patterns: cells.patterns,
    cells: asked.cells,
    counts: {
      ends: classes.reduce((sum, { kind, members }) => sum + (kind === 'outside' ? 1 : members.length), 0),
      classes: classes.length,
      pairs: asked.pairs,
      verdicts: world.gates.verdicts,
      ways: cells.walks.ways,
      packets: cells.walks.packets,
    },
    notes: notesOf(lab),
    ...(options.shard === undefined ? {} : { shard: options.shard }),
    ...(asked.stopped === undefined ? {} : { partial: asked.stopped }),
  }
}

function checkReachOptions(options: ReachOptions): void {
  checkOptions(options)
  const { from = [], to = [], focus = [], progress, shard } = options
  for (const [name, ends] of Object.entries({ from, to, focus })) {
    checkTexts(`options.${name}`, ends, 'a list of ends, such as NAMESPACE/POD or node/NAME')
  }
  if (progress !== undefined) checkFunction('options.progress', progress, 'a function: (done, total) => boolean')
  checkShard(shard)
}

function checkShard(shard: ReachOptions['shard']): void {
  if (shard === undefined) return
  const { index, of } = isRecord(shard) ? shard : { index: undefined, of: undefined }
  const isRight = Number.isInteger(index) && Number.isInteger(of) && Number(index) >= 1 && Number(index) <= Number(of)
  checkArgument(isRight, 'options.shard', '{ index, of }: whole numbers, index from 1 to of', shard)
}

/** Who asks whom: all of those that ask all of those that are asked; with a focus those of it all, and all others those of it. */
function sidesOf(lab: Lab, all: readonly EndClass[], { from, to, focus }: ReachOptions): Side[] {
  const [asking, asked] = [selected(lab, all, from), selected(lab, all, to)]
  if (focus === undefined || focus.length === 0) return [{ from: asking, to: asked }]
  const wanted = selected(lab, all, focus)
  const among = (classes: readonly EndClass[]): EndClass[] => {
    const names = new Set(classes.flatMap(({ members }) => members.map(({ name }) => name)))
    return wanted.filter(({ members }) => members.every(({ name }) => names.has(name)))
  }
  const others = asking.filter((one) => !wanted.includes(one))
  return [
    { from: among(asking), to: asked },
    { from: others, to: among(asked) },
  ]
}

/** How many names a note has. */
const NAMED = 5

/** What is no end by itself. */
function notesOf({ cluster }: Lab): string[] {
  const all = (cluster?.resources.services ?? []).filter(({ spec }) => spec.clusterIP === 'None')
  if (all.length === 0) return []
  const names = all.slice(0, NAMED).map(serviceTitle)
  const more = all.length > NAMED ? ` and ${all.length - NAMED} more` : ''
  return [`headless, DNS leads to their endpoints, whose rows are the answer: ${names.join(', ')}${more}`]
}

function endOf({ kind, members, except }: EndClass): ReachEnd {
  const names = members.map(({ name }) => name)
  const without = except === undefined || except.length === 0 ? {} : { except }
  return { kind, label: labelOf(kind, names), members: names, ...without }
}

function labelOf(kind: ReachEnd['kind'], names: readonly string[]): string {
  const [first = ''] = names
  const more = names.length > 1 ? ` +${names.length - 1}` : ''
  return kind === 'outside' ? `outside ${first}${more}` : `${first}${more}`
}
