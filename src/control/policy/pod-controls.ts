import { type Prefix, parseCidr, prefixOf } from '../../wire/index.ts'
import { jsonTexts } from '../json-texts.ts'
import type { PodResource } from '../kubernetes-kinds.ts'
import type { FieldPath } from '../origin.ts'
import { quantityWithin } from '../quantity.ts'

/** Annotation with ranges a pod may send under besides its own addresses. */
export const ALLOWED_SOURCES = 'cni.projectcalico.org/allowedSourcePrefixes'
const QOS = 'qos.projectcalico.org/'

/** How many packets a second a pod may send or get, and how many at once. */
export interface PacketRate {
  /** Packets a second. */
  readonly rate: number
  /** Packets at once. */
  readonly burst: number
  /** Where it stands in the pod. */
  readonly path: FieldPath
}

/** What annotations of a pod ask Felix for. */
export interface PodControls {
  /** The pod. */
  readonly pod: PodResource
  /** Ranges it may send under. */
  readonly sources: readonly Prefix[]
  /** Limit of what it gets. */
  readonly ingress?: PacketRate
  /** Limit of what it sends. */
  readonly egress?: PacketRate
}

/** The path of an annotation. */
export function annotationPath(name: string): FieldPath {
  return ['metadata', 'annotations', name]
}

/** Ranges in a JSON list; undefined where Calico cannot read it. @calico libcalico-go/lib/backend/k8s/conversion */
export function allowedSources(text: string): readonly Prefix[] | undefined {
  if (text === '') return []
  return jsonTexts(text, (one) => {
    const cidr = one.includes('/') ? parseCidr(one) : undefined
    return cidr === undefined ? undefined : prefixOf(cidr.address, cidr.length)
  })
}

/** Most packets of a limit. @linux include/uapi/linux/netfilter/xt_limit.h XT_LIMIT_SCALE */
const MOST_PACKETS = 10_000
const USUAL_BURST = 5

/** A number of packets as a quantity of Kubernetes, brought within bounds; undefined where it is none. */
export function packets(text: string | undefined): number | undefined {
  return text === undefined ? undefined : quantityWithin(text, 1, MOST_PACKETS)
}

function rateOf(annotations: Readonly<Record<string, string>>, way: 'ingress' | 'egress'): PacketRate | undefined {
  const name = `${QOS}${way}PacketRate`
  const rate = packets(annotations[name])
  if (rate === undefined) return undefined
  const burst = packets(annotations[`${QOS}${way}PacketBurst`]) ?? USUAL_BURST
  return { rate, burst, path: annotationPath(name) }
}

/** What a pod's annotations ask Felix for; undefined for nothing. */
export function podControls(pod: PodResource): PodControls | undefined {
  const { annotations } = pod.metadata
  if (annotations === undefined) return undefined
  const sources = allowedSources(annotations[ALLOWED_SOURCES] ?? '') ?? []
  const ingress = rateOf(annotations, 'ingress')
  const egress = rateOf(annotations, 'egress')
  if (sources.length === 0 && ingress === undefined && egress === undefined) return undefined
  return {
    pod,
    sources,
    ...(ingress === undefined ? {} : { ingress }),
    ...(egress === undefined ? {} : { egress }),
  }
}
