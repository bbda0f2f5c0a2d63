import { isInput } from '../input/index.ts'
import { checkLab, type Lab } from '../lab/index.ts'
import { checkArgument, InputError, isRecord } from '../model/index.ts'
import { computedCandidates, type Ranked } from './computed.ts'
import { threeFacts } from './deciders/deciders.ts'
import { factsLine } from './deciders/facts-line.ts'
import type { DecidedPlace } from './deciders/place.ts'
import { type Candidate, type Diagnosis, type Excluded, LIKELIHOODS } from './diagnosis.ts'
import { weighed } from './evidence/weigh.ts'
import { type Flow, flowsFor, flowText, podsOf } from './flows.ts'
import { lintedCandidates, withLinted } from './linted.ts'
import { passing } from './passing.ts'
import { nodeOf, placeOfFlow } from './place.ts'
import { type Question, SYMPTOMS } from './question.ts'
import { saidCandidates, toldCandidate } from './said.ts'
import { type Shown, shownBy, type Tried, tryFlow } from './shown.ts'
import { UNSEEN } from './unseen.ts'
import { outerFilter, type Way, wayOf } from './way.ts'
import { failureOf, weightOf } from './weights.ts'

/** Candidates that are told; what comes behind them is less likely than all of these. */
const TOLD = 8
/** Failing flows that are explained: beyond, they are like those before. */
const EXPLAINED = 40

/**
 * What could make something happen in a cluster, most likely first. Flows like the one asked about are tried in the simulation; what
 * they are lost by, what objects, dumps and programs say, and what people pasted of the real cluster decide. The lab is as before
 * when it returns.
 * @throws InputError for names that are not there, or a symptom nobody knows
 */
export function diagnoseLab(lab: Lab, question: Question = {}): Diagnosis {
  checkLab(lab)
  checkQuestion(question)
  const moment = lab.snapshot()
  try {
    return diagnosed(lab, question)
  } finally {
    lab.restore(moment)
  }
}

function checkQuestion(question: Question): void {
  checkArgument(isRecord(question), 'question', 'a question: { from, to, port, symptom, … }', question)
  const { symptom, from, to, port = '', protocol = 'tcp', evidence = [] } = question
  const isSymptom = symptom === undefined || SYMPTOMS.includes(symptom)
  checkArgument(isSymptom, 'symptom', `a symptom: ${SYMPTOMS.join(', ')}`, symptom)
  const isPort = typeof port === 'string' || typeof port === 'number'
  checkArgument(isPort, 'port', 'a number, or the name of a port', port)
  checkArgument(['tcp', 'udp'].includes(protocol), 'protocol', "'tcp' or 'udp'", protocol)
  const areTexts = Array.isArray(evidence) && evidence.every((one) => isInput(one) && 'text' in one)
  checkArgument(areTexts, 'evidence', 'a list of texts with names: [{ name, text }]', evidence)
  if ((from === undefined) !== (to === undefined)) {
    const received = from === undefined ? '--to alone' : '--from alone'
    throw new InputError([{ kind: 'invalid', file: '', path: [], expected: 'both ends of a flow, or none', received }])
  }
}

function diagnosed(lab: Lab, question: Question): Diagnosis {
  const flows = flowsFor(lab, question)
  // A pod that waits for its network sends nothing: what others do tells nothing of it.
  const sent = question.symptom === 'pending' ? [] : flows
  const connections = connectionsOf(lab, question)
  const tried = sent.map((flow) => tryFlow(lab, flow))
  const failing = tried.filter(({ ok }) => !ok)
  const shown = failing.slice(0, EXPLAINED).flatMap((one) => shownBy(lab, one, connections) ?? [])
  const odd = tried.flatMap((one) => passing(lab, one, question.symptom, connections))
  const isComplaint = question.symptom !== undefined || (question.evidence ?? []).length > 0
  const main = mainFlow(lab, flows, shown)
  const place = main === undefined ? undefined : placeOfFlow(lab, main)
  const computed = computedCandidates([...relevant(shown, tried), ...odd], isComplaint)
  const said = place === undefined ? [] : saidCandidates(lab, place, question.symptom === 'pending')
  const known = merged([...computed, ...said])
  const ways = waysOf(lab, flows)
  const hidden =
    isComplaint && place !== undefined ? unseen(question, ways, place, known) : { ranked: [], excluded: [] }
  const gone = new Set(hidden.excluded.map(({ failure }) => failure))
  const linted = place === undefined ? [] : lintedCandidates(lab, place, { symptom: question.symptom, way: ways[0] })
  const before = withLinted(
    merged([...known, ...hidden.ranked]),
    linted.filter(({ candidate }) => !gone.has(candidate.failure)),
  )
  const weight =
    place === undefined
      ? { ranked: before, excluded: [], seen: [], unread: [] }
      : weighed(before, question.evidence, { place, way: ways[0] })
  const all = [...weight.ranked].sort(byRank)
  return answer({
    seen: weight.seen,
    unread: weight.unread,
    lab,
    question,
    tried,
    candidates: all.map(({ candidate }) => candidate),
    excluded: [...hidden.excluded, ...weight.excluded],
    place,
    ways,
  })
}

/** Of what was asked for comparison, what fails tells little where the flow that was asked about passes. */
function relevant(shown: readonly Shown[], tried: readonly Tried[]): readonly Shown[] {
  const asked = tried.filter(({ flow }) => flow.sort === 'asked')
  // What small packets fail by is not told by large ones.
  if (asked.some(({ flow, ok }) => flow.size === undefined && !ok))
    return shown.filter(({ flow }) => flow.sort !== 'asked' || flow.size === undefined)
  if (asked.length === 0 || asked.some(({ ok }) => !ok)) return shown
  return shown.filter(({ flow, trace }) => flow.sort !== 'contrast' || trace.certainty === 'certain')
}

/** Connections that the nodes of the flow asked about know already: what is tried makes more. */
function connectionsOf(lab: Lab, { from, to }: Question): Shown['before'] {
  const ends = from === undefined || to === undefined ? [] : [from, to]
  const nodes = ends.flatMap((end) => nodeOf(lab, lab.endpoint(end).netns) ?? [])
  const known = new Map(nodes.map((node) => [node, lab.sh(node, 'conntrack -L').stdout.split('\n')]))
  return (netns) => known.get(netns) ?? []
}

/** The flow that commands are about. */
function mainFlow(lab: Lab, flows: readonly Flow[], shown: readonly Shown[]): Flow | undefined {
  const asked = flows.find(({ sort }) => sort === 'asked') ?? flows.find(({ sort }) => sort === 'other-node')
  const any = asked ?? shown[0]?.flow ?? flows[0]
  if (any !== undefined) return any
  const [node] = Object.values(lab.network.namespaces).filter(({ role }) => role === 'node')
  return node === undefined
    ? undefined
    : { from: `node/${node.name}`, to: `node/${node.name}`, kind: 'ping', sort: 'host' }
}

/** One way of each kind that the flows take. */
function waysOf(lab: Lab, flows: readonly Flow[]): readonly Way[] {
  const asked = flows.find(({ sort }) => sort === 'asked')
  if (asked !== undefined) return [wayOf(lab, asked)]
  const ways = flows
    .filter(({ size, sort }) => size === undefined && !MACHINES.has(sort))
    .map((flow) => wayOf(lab, flow))
  return [
    ...new Map(ways.map((way) => [`${way.kind} ${way.isOneSegment} ${way.isService} ${way.family}`, way])).values(),
  ]
}

/** Ways of machines say nothing of those of pods. */
const MACHINES: ReadonlySet<string> = new Set(['host', 'own-node'])

function unseen(
  { symptom }: Question,
  ways: readonly Way[],
  place: DecidedPlace,
  known: readonly Ranked[],
): { readonly ranked: Ranked[]; readonly excluded: Excluded[] } {
  const isCause = known.some(({ candidate }) => candidate.likelihood === 'certain' || candidate.likelihood === 'likely')
  const ranked: Ranked[] = []
  const excluded: Excluded[] = []
  for (const { failure, symptoms, realm, could } of UNSEEN) {
    const rank = symptom === undefined ? -1 : symptoms.indexOf(symptom)
    const way = ways.find((one) => could(one) !== undefined)
    if (rank < 0 || way === undefined || known.some(({ candidate }) => candidate.failure === failure)) continue
    const dumped = dumpOf(realm, way)
    if (dumped !== undefined) {
      const title = failureOf(failure)?.title ?? failure
      const because = `the dump of ${dumped} does not show it: with what that machine holds, the packets pass`
      excluded.push({ failure, title, because, confidence: { kind: 'dump', of: [`the dump of ${dumped}`] } })
      continue
    }
    const said = {
      failure,
      where: whereOf(realm, way),
      object: '',
      because: could(way) ?? '',
      right: '',
      confidence: GROUND[realm],
    }
    const candidate = toldCandidate({ ...said, likelihood: isCause ? 'unlikely' : 'possible' }, place)
    ranked.push({ candidate, score: (weightOf(failure) * (realm === 'underlay' ? 2 : 1)) / (100 * (rank + 1)) })
  }
  return { ranked, excluded }
}

type Realm = (typeof UNSEEN)[number]['realm']

/** The dump that would show it. */
function dumpOf(realm: Realm, { node, peer, dumped }: Way): string | undefined {
  if (realm === 'node')
    return dumped.has(node) && (peer === '' || dumped.has(peer))
      ? `${node}${peer === '' || peer === node ? '' : ` and ${peer}`}`
      : undefined
  return realm === 'peer' && dumped.has(peer) ? peer : undefined
}

function whereOf(realm: Realm, { node, peer }: Way): string {
  return realm === 'underlay'
    ? `between ${node} and ${peer === '' ? 'the world' : peer}`
    : realm === 'peer'
      ? peer
      : realm === 'node'
        ? node
        : ''
}

const GROUND: Readonly<Record<Realm, Candidate['confidence']>> = {
  underlay: { kind: 'assumed', of: ['what the network between the machines lets pass: no object says'] },
  node: { kind: 'assumed', of: ['what the machine holds now: as Calico writes it, no dump says otherwise'] },
  peer: { kind: 'assumed', of: ['what the machine holds now: as Calico writes it, no dump says otherwise'] },
  time: { kind: 'assumed', of: ['that everything has settled: objects are one moment'] },
  objects: { kind: 'assumed', of: ['that the objects given are all there are, as they are now'] },
}

/** What one failure is thought of for, several times over. */
function merged(all: readonly Ranked[]): Ranked[] {
  const found = new Map<string, Ranked>()
  for (const one of all) {
    const { failure, title, where } = one.candidate
    const key = failure ?? `${title} ${where}`
    const known = found.get(key)
    if (known === undefined) found.set(key, one)
    else found.set(key, joined(known, one))
  }
  return [...found.values()]
}

function joined(a: Ranked, b: Ranked): Ranked {
  const better = byRank(a, b) <= 0 ? a : b
  const flows = [...new Set([...a.candidate.flows, ...b.candidate.flows])]
  return { candidate: { ...better.candidate, flows }, score: a.score + b.score }
}

function rankOf({ candidate }: Ranked): number {
  return LIKELIHOODS.indexOf(candidate.likelihood)
}

/** By likelihood, then by how well it fits, then by how often it is met. */
function byRank(a: Ranked, b: Ranked): number {
  return rankOf(a) - rankOf(b) || b.score - a.score || weightIn(b) - weightIn(a)
}

function weightIn({ candidate: { failure } }: Ranked): number {
  return failure === undefined ? 0 : weightOf(failure)
}

interface Found {
  readonly lab: Lab
  readonly question: Question
  readonly tried: readonly Tried[]
  readonly candidates: readonly Candidate[]
  readonly excluded: readonly Excluded[]
  readonly place: DecidedPlace | undefined
  readonly ways: readonly Way[]
  readonly seen: Diagnosis['seen']
  readonly unread: Diagnosis['unread']
}

function answer({ lab, question, tried, candidates, excluded, place, ways, seen, unread }: Found): Diagnosis {
  const { symptom } = question
  const asked = tried.find(({ flow }) => flow.sort === 'asked')
  const verdict = verdictOf(candidates, question, tried)
  const [way] = ways
  const isOpen = verdict === 'undecided' && place !== undefined && way !== undefined
  const facts = isOpen ? threeFacts(place, outerFilter(way, place.source)) : []
  return {
    schema: 'packetwalk.diagnosis/1',
    flow: asked === undefined ? '' : flowText(asked.flow),
    ...(symptom === undefined ? {} : { symptom }),
    verdict,
    summary: summaryOf(verdict, candidates, asked, lab),
    candidates: candidates.slice(0, TOLD),
    excluded,
    works: tried.filter(({ ok }) => ok).map(({ text }) => text),
    seen,
    unread,
    facts,
    factsLine: factsLine(facts),
  }
}

function verdictOf(
  candidates: readonly Candidate[],
  { symptom }: Question,
  tried: readonly Tried[],
): Diagnosis['verdict'] {
  const [first] = candidates
  if (first?.likelihood === 'certain' || first?.likelihood === 'likely') return 'cause'
  if (symptom !== undefined) return 'undecided'
  const asked = tried.filter(({ flow }) => flow.sort === 'asked')
  if (asked.some(({ ok, run }) => !ok || run.certainty === 'undecided') || first?.likelihood === 'possible')
    return 'undecided'
  return 'healthy'
}

function summaryOf(
  verdict: Diagnosis['verdict'],
  [first]: readonly Candidate[],
  asked: Tried | undefined,
  lab: Lab,
): string {
  switch (verdict) {
    case 'cause': {
      const where = first === undefined || first.where === '' ? '' : ` (${first.where})`
      return `${first?.likelihood === 'certain' ? 'The cause' : 'Most likely'}: ${first?.title ?? ''}${where}`
    }
    case 'undecided':
      return asked?.ok === true
        ? 'As described, this works: what makes it fail is nothing the input says. Fetch the facts below, and ask again with what they print'
        : 'The input says too little to name the cause. Fetch the facts below, and ask again with what they print'
    case 'healthy':
      return podsOf(lab).length === 0
        ? 'Nothing to try: there are no pods'
        : 'Nothing wrong was found: what was tried works as described'
  }
}
