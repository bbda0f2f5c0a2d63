import type { NoteCode, NoteParts, NoteScope } from '../model/index.ts'
import { type Ip, parseIp } from '../wire/index.ts'
import type { Findings } from './findings.ts'
import type { PodResource } from './kubernetes-kinds.ts'
import type { Resources } from './resources.ts'

/** A Felix field whose values ask for something else than this control plane builds. */
interface FelixField {
  /** Values that do not. */
  readonly usual: readonly unknown[]
  /** Sort of note; `felix_field` when left out. */
  readonly code?: NoteCode
  /** What makes this field's note narrower than its sort. */
  readonly parts?: NoteParts
}

const FELIX_FIELDS: Readonly<Record<string, FelixField>> = {
  bpfEnabled: { usual: [false, 'false'], code: 'dataplane' },
  // The same rules in another form act the same.
  nftablesMode: { usual: ['Disabled', 'Auto'], code: 'dataplane', parts: { effect: 'assumed' } },
  // Pods with the annotation are noted by themselves.
  floatingIPs: { usual: ['Disabled'], parts: { scope: { kind: 'destination', addresses: [] } } },
  natPortRange: { usual: [], parts: { effect: 'assumed', scope: { kind: 'translated' } } },
  routeSource: { usual: ['CalicoIPAM'], parts: { scope: { kind: 'between_nodes' } } },
  iptablesNATOutgoingInterfaceFilter: { usual: [''], parts: { scope: { kind: 'translated' } } },
  localSubnetL2Reachability: { usual: ['Disabled'], parts: { turns: 'failure', scope: { kind: 'between_nodes' } } },
  externalNodesList: { usual: [], parts: { turns: 'failure', scope: { kind: 'between_nodes' } } },
}

/** Pod annotations that change packets and are not read. */
const POD_ANNOTATIONS = ['ipAddrsNoIpam', 'floatingIPs', 'allowedSourcePrefixes'].map(
  (name) => `cni.projectcalico.org/${name}`,
)

/** Names every setting and annotation that asks for what is not built. */
export function noteSettings(resources: Resources, findings: Findings): void {
  for (const felix of resources.felixConfigurations) {
    const node = felix.metadata.name.startsWith('node.') ? felix.metadata.name.slice('node.'.length) : undefined
    const here = node === undefined ? {} : ({ scope: { kind: 'through', netns: [node] } } as const)
    for (const [field, { usual, code = 'felix_field', parts }] of Object.entries(FELIX_FIELDS)) {
      const value = felix.spec[field]
      if (value === undefined || usual.includes(value)) continue
      const what = `${field} ${JSON.stringify(value)} is not modelled`
      findings.note(code, felix, ['spec', field], what, { ...here, ...parts })
    }
  }
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

/** Notes filters of what nodes learn by BGP. */
export function noteFilters(resources: Resources, findings: Findings): void {
  for (const other of resources.others) {
    if (other.kind !== 'BGPFilter') continue
    findings.note('bgp_filter', other, [], 'not enforced, its rules are not rendered', {
      scope: { kind: 'between_nodes' },
    })
  }
}
