import { type FailureCode, isFailureCode } from '../failures/index.ts'
import type { Lab } from '../lab/index.ts'
import { LINT_RULES, type LintFinding, lint } from '../lint/index.ts'
import type { Confidence } from '../model/index.ts'
import type { Ranked } from './computed.ts'
import type { DecidedPlace } from './deciders/place.ts'
import type { Symptom } from './question.ts'
import { toldCandidate } from './said.ts'
import { UNSEEN } from './unseen.ts'
import type { Way } from './way.ts'
import { failureOf } from './weights.ts'

/** How failures look that people report as a symptom. */
const LOOKS: Readonly<Partial<Record<Symptom, readonly string[]>>> = {
  refused: ['refused', 'unreach-port'],
  'no-route': ['no-route', 'unreach-host', 'timeout'],
}

/**
 * What `lint` finds about the objects, as candidates for what was seen. Packets did not show it, so none is more than possible, and of
 * what is only a warning none is more than unlikely.
 */
export function lintedCandidates(
  { cluster }: Lab,
  place: DecidedPlace,
  { symptom, way }: { readonly symptom: Symptom | undefined; readonly way: Way | undefined },
): Ranked[] {
  if (cluster === null || symptom === undefined) return []
  const { findings } = lint({ resources: cluster.resources, warnings: [], unread: [], replaced: [] }, { cluster })
  return findings.flatMap((finding) => {
    const failure = failureMeant(finding, symptom, way)
    if (finding.severity === 'info' || failure === undefined) return []
    const { severity, message, name, fix } = finding
    const confidence: Confidence =
      finding.certainty === 'derived'
        ? { kind: 'objects', of: finding.objects }
        : { kind: 'assumed', of: [finding.assumed] }
    const said = {
      failure,
      where: '',
      object: objectText(finding),
      because: `${message} (lint: ${name})`,
      right: fix,
      likelihood: severity === 'error' ? 'possible' : 'unlikely',
      confidence,
    } as const
    return [{ candidate: toldCandidate(said, place), score: severity === 'error' ? 0.3 : 0.1 }]
  })
}

/** Candidates with what lint finds: one that is thought of already says so, too, and has its object and remedy. */
export function withLinted(known: readonly Ranked[], linted: readonly Ranked[]): Ranked[] {
  const codes = new Set(known.map(({ candidate }) => candidate.failure))
  return [
    ...known.map((one) => {
      const found = linted.find(({ candidate }) => candidate.failure === one.candidate.failure)
      return found === undefined ? one : raisedBy(found, one)
    }),
    ...linted.filter(
      ({ candidate: { failure } }, i, all) =>
        !codes.has(failure) && all.findIndex(({ candidate }) => candidate.failure === failure) === i,
    ),
  ]
}

function raisedBy({ candidate: found, score }: Ranked, { candidate, score: before }: Ranked): Ranked {
  const isAssumed = candidate.confidence.kind === 'assumed'
  return {
    score: before + score,
    candidate: {
      ...candidate,
      because: `${candidate.because}; ${found.because}`,
      object: candidate.object === '' ? found.object : candidate.object,
      right: candidate.right === '' ? found.right : candidate.right,
      confidence: isAssumed ? found.confidence : candidate.confidence,
    },
  }
}

/** `IPPool/x (pools.yaml:12)`. */
function objectText({ objects, places }: LintFinding): string {
  const [first] = places
  return `${objects.join(', ')}${first === undefined ? '' : ` (${first.file}:${first.line})`}`
}

/** Of the failures that a finding stands for, the first that looks as it was seen, and could be on this way. */
function failureMeant({ name }: LintFinding, symptom: Symptom, way: Way | undefined): FailureCode | undefined {
  const looks = LOOKS[symptom] ?? [symptom]
  return (LINT_RULES[name].failures ?? []).filter(isFailureCode).find((code) => {
    const isSuch = failureOf(code)?.looks.some((look) => looks.includes(look)) === true
    const row = UNSEEN.find(({ failure }) => failure === code)
    return isSuch && (row === undefined || way === undefined || row.could(way) !== undefined)
  })
}
