// Replays captured scenarios and counts how many probes come out as the kernel had them, aspect by aspect.

import type { ScenarioProbe } from '../../src/replay/index.ts'
import { type ProbeResult, replayScenario } from '../../src/replay/replay.ts'
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
  /** ping and traceroute whose output is not that of the real tools though the outcome is. */
  readonly otherWords: readonly string[]
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
  const otherWords: string[] = []
  for (const probe of replay.scenario.probes) {
    const result = results.get(probe.n)
    const pcapng = files.get(`${probe.file}.pcapng`)
    const differences = compareProbe(
      { json: probe.raw, frames: pcapng === undefined ? [] : framesOf(pcapng) },
      { json: { ...result }, frames: result === undefined ? [] : framesOf(writePcapng(result.frames)) },
      context,
    )
    for (const aspect of ASPECTS) if (differences[aspect] === undefined) equal[aspect]++
    if (result !== undefined && speaksOtherwise(probe, result)) otherWords.push(probe.file)
    const id = `${name}/${probe.file.replace('probes/', '')}`
    if (Object.keys(differences).length > 0) unequal.push({ id, kind: probe.kind, differences })
  }
  const notModelled = replay.notModelled.map(({ probe, what }) => `${probe}: ${what}`)
  return { name, probes: replay.scenario.probes.length, equal, unequal, otherWords, notModelled }
}

/** Times of a slow machine are no part of the words. */
function timeless(text: string): string {
  return text
    .replace(/time=[\d.]+ ms/g, 'time=T')
    .replace(/time \d+ms/g, 'time T')
    .replace(/= [\d./]+ ms/g, '= T')
    .replace(/ {2}[\d.]+ ms/g, '  T')
}

/** Whether ping or traceroute say something else than the real tools, where the outcome is the same. */
function speaksOtherwise(probe: ScenarioProbe, result: ProbeResult): boolean {
  if (probe.kind !== 'icmp-echo' && !probe.kind.startsWith('traceroute')) return false
  if (result.outcome !== probe.outcome) return false
  const { stdout, stderr, exit_code: exitCode } = probe.raw
  return (
    timeless(result.stdout) !== timeless(String(stdout)) || result.stderr !== stderr || result.exitCode !== exitCode
  )
}

/** Verdicts of the named scenarios, or of all. */
export function* judge(names: readonly string[] = listScenarios()): Generator<ScenarioVerdict> {
  for (const name of names) yield judgeScenario(name)
}
