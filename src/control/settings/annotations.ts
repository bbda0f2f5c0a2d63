import type { NoteScope } from '../../model/index.ts'
import { type Ip, parseIp } from '../../wire/index.ts'
import type { Findings } from '../findings.ts'
import type { PodResource } from '../kubernetes-kinds.ts'
import type { Resources } from '../resources.ts'

/** Pod annotations that change packets and are not read. */
const POD_ANNOTATIONS = ['ipAddrsNoIpam', 'floatingIPs', 'allowedSourcePrefixes'].map(
  (name) => `cni.projectcalico.org/${name}`,
)

/** Names every annotation of a pod that asks for what is not built. */
export function notePodAnnotations(resources: Resources, findings: Findings): void {
  for (const pod of resources.pods) {
    if (pod.metadata.annotations !== undefined) noteAnnotations(pod, pod.metadata.annotations, findings)
  }
}

function noteAnnotations(pod: PodResource, annotations: Readonly<Record<string, string>>, findings: Findings): void {
  const netns = `${pod.metadata.namespace ?? 'default'}/${pod.metadata.name}`
  for (const name of POD_ANNOTATIONS) {
    const value = annotations[name]
    if (value === undefined) continue
    const addresses = addressesIn(value)
    const isFloating = name.endsWith('/floatingIPs') && addresses.length > 0
    const scope: NoteScope = isFloating ? { kind: 'destination', addresses } : { kind: 'ends', netns: [netns] }
    findings.note('annotation', pod, ['metadata', 'annotations', name], `${name} is not modelled`, { scope })
  }
}

/** The addresses that stand in quotes in a JSON list. */
function addressesIn(text: string): Ip[] {
  return [...text.matchAll(/"([^"]*)"/g)].flatMap((found) => parseIp(found[1] ?? '') ?? [])
}
