// Replays captured scenarios and counts how many probes come out as the kernel had them, aspect by aspect.
import { replayScenario } from '../../src/lab/replay/replay.ts'
import { writePcapng } from '../../src/wire/index.ts'
import { listScenarios, readScenario, scenarioText } from './captures.ts'
import { ASPECTS, type Aspect, compareContext, compareProbe, type Differences, framesOf } from './compare.ts'

/** How many probes are equal, by aspect. */
export type Counts = Record<Aspect, number>

/** A probe that is not equal in every aspect. */
export interface UnequalProbe {
  /** `scenario/NN-name`. */
  readonly id: string
  /** Kind. */
  readonly kind: string
  /** What differs. */
  readonly differences: Differences
}

/** One scenario's verdict. */
export interface ScenarioVerdict {
  /** Name. */
  readonly name: string
  /** Its probes. */
  readonly probes: number
  /** How many are equal. */
  readonly equal: Counts
  /** Those that are not. */
  readonly unequal: readonly UnequalProbe[]
  /** What could not be simulated. */
  readonly notModelled: readonly string[]
}

/** No probe is equal. */
export function noCounts(): Counts {
  return { frames: 0, outcome: 0, neighAfter: 0, drops: 0, iptablesHits: 0 }
}

/** Replays one scenario and compares every probe. */
export function judgeScenario(name: string): ScenarioVerdict {
  const files = readScenario(name)
  const context = compareContext(scenarioText(files, 'scenario.json'), scenarioText(files, 'setup.txt'))
  const replay = replayScenario(files)
  const results = new Map(replay.results.map((r) => [r.n, r]))
  const equal = noCounts()
  const unequal: UnequalProbe[] = []
  for (const probe of replay.scenario.probes) {
    const result = results.get(probe.n)
    const pcapng = files.get(`${probe.file}.pcapng`)
    const differences = compareProbe(
      { json: probe.raw, frames: pcapng === undefined ? [] : framesOf(pcapng) },
      { json: { ...result }, frames: result === undefined ? [] : framesOf(writePcapng(result.frames)) },
      context,
    )
    for (const aspect of ASPECTS) if (differences[aspect] === undefined) equal[aspect]++
    const id = `${name}/${probe.file.replace('probes/', '')}`
    if (Object.keys(differences).length > 0) unequal.push({ id, kind: probe.kind, differences })
  }
  const notModelled = replay.notModelled.map(({ probe, what }) => `${probe}: ${what}`)
  return { name, probes: replay.scenario.probes.length, equal, unequal, notModelled }
}

/** Verdicts of the named scenarios, or of all. */
export function* judge(names: readonly string[] = listScenarios()): Generator<ScenarioVerdict> {
  for (const name of names) yield judgeScenario(name)
}
