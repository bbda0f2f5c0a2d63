import type { QosEra } from '../calico-version.ts'
import { quantityWithin } from '../quantity.ts'
import type { QosControls } from './endpoint-kind.ts'

type Annotations = Readonly<Record<string, string>>
type Limits = readonly [least: number, most: number]

const QOS = 'qos.projectcalico.org/'
const GIBI = 2 ** 30
const U32 = 2 ** 32 - 1

/** Least and most of each limit. @calico libcalico-go/lib/backend/k8s/conversion/workload_endpoint_default.go */
const LIMITS = {
  Bandwidth: [1000, 1e15],
  Burst: [1000, 8 * U32],
  Peakrate: [1010, 1.01e15],
  Minburst: [1000, 1e8],
  PacketRate: [1, 10_000],
  PacketBurst: [1, 10_000],
  MaxConnections: [1, U32],
} as const satisfies Readonly<Record<string, Limits>>

/** Where nothing is said beside a rate. */
const USUAL_BURST = 4 * GIBI
const USUAL_PACKET_BURST = 5

type Limit = keyof typeof LIMITS
type Way = 'ingress' | 'egress'

/** Limits of one way; 0: none. */
type OneWay = Readonly<Record<Limit, number>>

/** A quantity brought within its bounds; 0 where there is none, or none that can be read. */
function limitOf(annotations: Annotations, name: string, [least, most]: Limits): number {
  const text = annotations[name]
  return text === undefined ? 0 : (quantityWithin(text, least, most) ?? 0)
}

/** Calico's annotation goes before that of Kubernetes, even where it is no quantity. */
function bandwidthOf(annotations: Annotations, way: Way): number {
  const own = `${QOS}${way}Bandwidth`
  return limitOf(annotations, own in annotations ? own : `kubernetes.io/${way}-bandwidth`, LIMITS.Bandwidth)
}

/** A burst asks for its rate, and a peak for a lower bandwidth; without them they are dropped. */
function latest(annotations: Annotations, way: Way): OneWay {
  const read = (limit: Limit): number => limitOf(annotations, `${QOS}${way}${limit}`, LIMITS[limit])
  const Bandwidth = bandwidthOf(annotations, way)
  const PacketRate = read('PacketRate')
  const peak = read('Peakrate')
  const Peakrate = Bandwidth !== 0 && Bandwidth < peak ? peak : 0
  return {
    Bandwidth,
    Burst: Bandwidth === 0 ? 0 : read('Burst') || USUAL_BURST,
    Peakrate,
    Minburst: Peakrate === 0 ? 0 : read('Minburst'),
    PacketRate,
    PacketBurst: PacketRate === 0 ? 0 : read('PacketBurst') || USUAL_PACKET_BURST,
    MaxConnections: read('MaxConnections'),
  }
}

/** As v3.30 had it: fewer annotations, other bounds, and a burst of at least a second. */
function first(annotations: Annotations, way: Way): OneWay {
  const read = (limit: Limit, limits: Limits): number => limitOf(annotations, `${QOS}${way}${limit}`, limits)
  const Bandwidth = bandwidthOf(annotations, way)
  return {
    Bandwidth,
    Burst: Bandwidth === 0 ? 0 : read('Burst', [Bandwidth, USUAL_BURST]) || USUAL_BURST,
    Peakrate: 0,
    Minburst: 0,
    PacketRate: read('PacketRate', [10, 1e12]),
    PacketBurst: 0,
    MaxConnections: read('MaxConnections', [1, 1e11]),
  }
}

/** Names of code points. @calico api/pkg/lib/numorstring/dscp.go */
const CODE_POINTS: readonly string[] = [
  ...['DF', 'EF'],
  ...[1, 2, 3, 4].flatMap((group) => [1, 2, 3].map((drop) => `AF${group}${drop}`)),
  ...[0, 1, 2, 3, 4, 5, 6].map((group) => `CS${group}`),
]

/** A code point: its number, or its name as Calico spells it; undefined for anything else. */
function codePointOf(text: string): number | string | undefined {
  if (/^\d+$/.test(text)) return Number(text) <= 63 ? Number(text) : undefined
  const name = text.toUpperCase()
  if (CODE_POINTS.includes(name)) return name
  return CODE_POINTS.includes(name.trim()) ? text : undefined
}

/** What annotations of a pod ask for; undefined for nothing. What cannot be read is as if it were not there. */
export function qosControls(annotations: Annotations, era: QosEra): QosControls | undefined {
  if (era === 'none') return undefined
  const found: Record<string, number | string> = {}
  for (const way of ['ingress', 'egress'] as const) {
    const limits = era === 'peaks' ? latest(annotations, way) : first(annotations, way)
    for (const [limit, value] of Object.entries(limits)) if (value !== 0) found[way + limit] = value
  }
  const dscp = era === 'peaks' ? codePointOf(annotations[`${QOS}dscp`] ?? '') : undefined
  if (dscp !== undefined) found['dscp'] = dscp
  return Object.keys(found).length === 0 ? undefined : found
}
