import { checkArgument, InputError } from '../model/index.ts'
import { Outcomes } from './outcomes.ts'
import { REACH_SCHEMA, type Reach, type ReachCell, type ReachOutcome, type ReachPattern } from './reach.ts'
import { checkAnswer } from './reach-form.ts'

/**
 * One answer out of the shards of it. What shards are missing makes it a partial one, and it says which.
 * @param shards - answers of `reachOf` with `shard`, in any order
 * @throws InputError for answers that are not shards of the same question
 */
export function mergedReach(shards: readonly Reach[]): Reach {
  checkArgument(Array.isArray(shards), 'shards', 'a list of answers, such as reachOf() gives', shards)
  for (const [i, shard] of shards.entries()) checkAnswer(`shards[${i}]`, shard)
  const [first] = shards
  if (first === undefined) throw wrong('at least one shard', 'none')
  const ends = JSON.stringify(first.ends)
  const of = first.shard?.of ?? 1
  const seen = new Set<number>()
  for (const { shard, ends: own } of shards) {
    const isSame = JSON.stringify(own) === ends && (shard?.of ?? 1) === of
    if (!isSame) throw wrong('shards of one cluster, asked in the same way', 'others')
    const index = shard?.index ?? 1
    if (seen.has(index)) throw wrong('each shard once', `shard ${index}/${of} twice`)
    seen.add(index)
  }
  const outcomes = new Outcomes()
  const patterns = new Patterns()
  const cells = shards.flatMap((shard) => cellsOf(shard, outcomes, patterns))
  const missing = Array.from({ length: of }, (_, i) => i + 1).filter((index) => !seen.has(index))
  const partial = [
    ...shards.flatMap(({ partial: own, shard }) =>
      own === undefined ? [] : [`shard ${shard?.index ?? 1}/${of}: ${own}`],
    ),
    ...(missing.length === 0 ? [] : [`shards ${missing.join(', ')} of ${of} are missing`]),
  ]
  const sum = (key: 'pairs' | 'verdicts' | 'ways' | 'packets'): number =>
    shards.reduce((all, { counts }) => all + counts[key], 0)
  return {
    schema: REACH_SCHEMA,
    ends: first.ends,
    outcomes: outcomes.all,
    patterns: patterns.all,
    cells: cells.sort((a, b) => a.from - b.from || a.to - b.to),
    counts: {
      ...first.counts,
      pairs: sum('pairs'),
      verdicts: sum('verdicts'),
      ways: sum('ways'),
      packets: sum('packets'),
    },
    notes: [...new Set(shards.flatMap(({ notes }) => notes))],
    ...(partial.length === 0 ? {} : { partial: partial.join('; ') }),
  }
}

/** Patterns by number; equal ones have one. */
class Patterns {
  readonly all: ReachPattern[] = []
  private readonly ids = new Map<string, number>()

  of(pattern: ReachPattern): number {
    const key = JSON.stringify(pattern)
    const known = this.ids.get(key)
    if (known !== undefined) return known
    this.ids.set(key, this.all.length)
    return this.all.push(pattern) - 1
  }
}

function cellsOf({ outcomes: own, patterns, cells }: Reach, outcomes: Outcomes, all: Patterns): ReachCell[] {
  const ids: number[] = []
  // Parts are made before what they are parts of.
  for (const outcome of own) ids.push(outcomes.of(renumbered(outcome, ids)))
  const numbers = patterns.map((pattern) =>
    all.of(pattern.map(({ headers, outcome }) => ({ headers, outcome: ids[outcome] as number }))),
  )
  return cells.map(({ from, to, pattern }) => ({ from, to, pattern: numbers[pattern] as number }))
}

function renumbered(outcome: ReachOutcome, ids: readonly number[]): ReachOutcome {
  if (outcome.parts === undefined) return outcome
  return { ...outcome, parts: outcome.parts.map(({ when, outcome: part }) => ({ when, outcome: ids[part] as number })) }
}

function wrong(expected: string, received: string): InputError {
  return new InputError([{ kind: 'invalid', file: '', path: [], expected, received }])
}
