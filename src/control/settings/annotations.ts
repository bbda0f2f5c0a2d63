import type { NoteParts } from '../../model/index.ts'
import type { Findings } from '../findings.ts'
import { FLOATING_IPS, floatingIps } from '../floating-addresses.ts'
import type { PodResource } from '../kubernetes-kinds.ts'
import { ALLOWED_SOURCES, allowedSources, annotationPath, packets } from '../policy/pod-controls.ts'
import type { Resources } from '../resources.ts'
import type { Settings } from './settings.ts'

const CNI = 'cni.projectcalico.org/'
const QOS = 'qos.projectcalico.org/'

/** What slows a pod down or counts its connections: one packet of a quiet pod does not feel it. */
const LIMITS: readonly string[] = [
  'kubernetes.io/ingress-bandwidth',
  'kubernetes.io/egress-bandwidth',
  ...['ingressBandwidth', 'egressBandwidth', 'ingressMaxConnections', 'egressMaxConnections'].map((name) => QOS + name),
]

const RATES: readonly string[] = [
  ...['ingressPacketRate', 'egressPacketRate', 'ingressPacketBurst', 'egressPacketBurst'].map((name) => QOS + name),
]

/** Names every annotation of a pod that asks for what is not built. */
export function notePodAnnotations(resources: Resources, settings: Settings, findings: Findings): void {
  resources.pods.forEach((pod) => {
    const { annotations } = pod.metadata
    if (annotations !== undefined && pod.spec.hostNetwork !== true)
      noteAnnotations(pod, annotations, settings, findings)
  })
}

function noteAnnotations(
  pod: PodResource,
  annotations: Readonly<Record<string, string>>,
  settings: Settings,
  findings: Findings,
): void {
  const ends: NoteParts = {
    scope: { kind: 'ends', netns: [`${pod.metadata.namespace ?? 'default'}/${pod.metadata.name}`] },
  }
  const note = (name: string, what: string, parts: NoteParts): void =>
    findings.note('annotation', pod, annotationPath(name), what, parts)
  for (const [name, value] of Object.entries(annotations)) {
    if (name === `${CNI}ipAddrsNoIpam`) note(name, `${name} is not modelled`, ends)
    else if (name === FLOATING_IPS) noteFloating(pod, value, settings, findings)
    else if (LIMITS.includes(name)) {
      const what = `${name} is not modelled: the pod is taken to stay below it`
      note(name, what, { ...ends, effect: 'assumed', turns: 'success' })
    } else if (RATES.includes(name) && packets(value) === undefined) {
      findings.warn('invalid', pod, annotationPath(name), 'a number of packets from 1 to 10k', `"${value}"`)
    }
  }
  const sources = annotations[ALLOWED_SOURCES]
  if (sources !== undefined && sources !== '') noteSources(pod, sources, ends, settings, findings)
}

/** A pod that asks for sources it does not get is none to Felix. @calico felix/calc/validation_filter.go */
function noteSources(pod: PodResource, text: string, ends: NoteParts, settings: Settings, findings: Findings): void {
  const path = annotationPath(ALLOWED_SOURCES)
  const leave = 'Felix leaves the pod out, and it has no routes and chains; that is not modelled'
  const refuse = (expected: string, received: string, why: string): void => {
    findings.warn('invalid', pod, path, expected, received)
    findings.note('annotation', pod, path, `${why}: ${leave}`, ends)
  }
  const sources = allowedSources(text)
  if (sources === undefined) refuse('a JSON list of CIDRs', text, 'its allowedSourcePrefixes cannot be read')
  else if (sources.length > 0 && settings.felixOf(pod.spec.nodeName ?? '').rules.sourceSpoofing !== 'Any') {
    const expected = 'workloadSourceSpoofing: Any in the FelixConfiguration of its node'
    refuse(expected, text, 'workloadSourceSpoofing is not Any')
  }
}

/** Floating addresses that Felix does not read, or is not told to honour. */
function noteFloating(pod: PodResource, text: string, settings: Settings, findings: Findings): void {
  const path = annotationPath(FLOATING_IPS)
  if (floatingIps(text) === undefined) {
    findings.warn('invalid', pod, path, 'a JSON list of addresses', text)
    return
  }
  if (text === '[]' || settings.felixOf(pod.spec.nodeName ?? '').floatingIps) return
  const expected = 'floatingIPs: Enabled in the FelixConfiguration of its node, or nobody answers to them'
  findings.warn('invalid', pod, path, expected, text)
}
