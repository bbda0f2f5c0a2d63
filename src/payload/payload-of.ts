import { type Cluster, clusterIpsOf, endpointsIn } from '../control/index.ts'
import { checkLab, invalid, type Lab } from '../lab/index.ts'
import { checkArgument, checkCount, checkOptions } from '../model/index.ts'
import { type Ground, pairOf, wayOfAnswers, wayThere } from './measure.ts'
import { MtuSources } from './mtu-source.ts'
import { outsideOf, type PairClass, pairsOf } from './pairs.ts'
import {
  PAYLOAD_SCHEMA,
  type PayloadClass,
  type PayloadEnd,
  type PayloadQuestion,
  type PayloadReport,
  type PayloadVerdict,
  type PayloadWay,
} from './report.ts'

/** Classes that are tried unless more are asked for. */
const LIMIT = 100

/**
 * The largest payload that passes between the ends of a network, by class of pairs: with ping, UDP and TCP, with DF and without, where a
 * larger one ends, whose MTU that is, and whether its sender hears of it. Each class is asked by packets between two of its members; the
 * lab is as before when it returns.
 * @throws InputError for names that are not there, and when the lab does not record
 */
export function payloadOf(lab: Lab, question: PayloadQuestion = {}): PayloadReport {
  checkLab(lab)
  checkOptions(question)
  if (lab.recorder === null) throw invalid('a lab that records what its packets meet', 'one opened with record: false')
  const { limit = LIMIT, family } = question
  checkCount('options.limit', limit)
  checkArgument(family === undefined || family === 4 || family === 6, 'options.family', '4 or 6', family)
  const pairs = pairsOf(lab, question)
  const moment = lab.snapshot()
  const ground: Ground = { lab, moment, sources: new MtuSources(lab), met: new Set(MTUS), outside: outsideOf(lab) }
  const classes = pairs.slice(0, limit).map((pair) => classOf(ground, pair))
  lab.restore(moment)
  const ways = classes.flatMap(({ there, back }) => (back === undefined ? [there] : [there, back]))
  return {
    schema: PAYLOAD_SCHEMA,
    verdict: worst(ways.map(({ verdict }) => verdict)),
    classes,
    untried: Math.max(0, pairs.length - limit),
    rests: restsOf(ways),
  }
}

/** MTUs of the field, where limits are likely: of Ethernet, of jumbo frames, and with each tunnel taken off. */
const MTUS: readonly number[] = [1280, 1400, 1420, 1430, 1440, 1450, 1480, 1500, 8951, 8981, 9000, 9001]

/** The first pair of a class that lets anything through stands for it. */
function classOf(ground: Ground, pair: PairClass): PayloadClass {
  const { kind, family, what, members, candidates } = pair
  let found: PayloadClass | undefined
  for (const [from, to] of candidates) {
    const there = wayThere(ground, pairOf(ground, from, to, portsOf(ground.lab.cluster, to)), from.label)
    const back = wayBack(ground, from, to)
    const isAsymmetric = back !== undefined && differ(there, back)
    const one = { kind, family, from, to, what, members, there, ...(back && { back }), isAsymmetric }
    if (there.verdict !== 'blocked') return one
    found ??= one
  }
  return found!
}

function wayBack(ground: Ground, from: PayloadEnd, to: PayloadEnd): PayloadWay | undefined {
  if (to.kind === 'pod' || to.kind === 'node') {
    return wayThere(ground, pairOf(ground, to, from, portsOf(ground.lab.cluster, from)), to.label)
  }
  return wayOfAnswers(ground, pairOf(ground, from, to, portsOf(ground.lab.cluster, to)), from.label)
}

function differ(there: PayloadWay, back: PayloadWay): boolean {
  if (there.verdict === 'blocked' || back.verdict === 'blocked') return false
  if (there.packet !== null && back.packet !== null && there.packet !== back.packet) return true
  return there.verdict !== back.verdict
}

/** Ports that somebody is said to listen on: policy is likely to allow them. */
function portsOf(cluster: Cluster | null, { kind, netns, address }: PayloadEnd): { tcp?: number; udp?: number } {
  if (cluster === null) return {}
  if (kind === 'service') {
    const service = cluster.resources.services.find((one) => clusterIpsOf(one).includes(address))
    return numbered(service?.spec.ports ?? [], ({ port }) => port)
  }
  const pod = netns === undefined ? undefined : endpointsIn(cluster.workloadEndpoints).at(netns)?.pod
  const ports = (pod?.spec.containers ?? []).flatMap((container) => container.ports ?? [])
  return numbered(ports, ({ containerPort }) => containerPort)
}

function numbered<P extends { readonly protocol?: string }>(
  ports: readonly P[],
  numberOf: (port: P) => number,
): { tcp?: number; udp?: number } {
  const tcp = ports.find(({ protocol = 'TCP' }) => protocol === 'TCP')
  const udp = ports.find(({ protocol }) => protocol === 'UDP')
  return { ...(tcp && { tcp: numberOf(tcp) }), ...(udp && { udp: numberOf(udp) }) }
}

/** From good to bad; what is blocked is no matter of size. */
const ORDER: readonly PayloadVerdict[] = ['blocked', 'fits', 'told', 'undecided', 'black_hole']

function worst(verdicts: readonly PayloadVerdict[]): PayloadVerdict {
  return ORDER.filter((one) => verdicts.includes(one)).at(-1) ?? 'blocked'
}

function restsOf(ways: readonly PayloadWay[]): PayloadReport['rests'] {
  const found = new Map<string, { readonly at: Set<string>; ways: number }>()
  for (const { because } of ways) {
    for (const { what, at } of because) {
      const known = found.get(what) ?? { at: new Set<string>(), ways: 0 }
      for (const place of at) known.at.add(place)
      known.ways++
      found.set(what, known)
    }
  }
  return [...found].map(([what, one]) => ({ what, at: [...one.at], ways: one.ways }))
}
