import type { Findings } from './findings.ts'
import type { Resources } from './resources.ts'

/** Kinds that change what happens to packets and are not rendered. */
const POLICY_KINDS = /NetworkPolicy$|^Profile$|^Tier$|^HostEndpoint$|NetworkSet$|^BGPFilter$/

/** Felix fields whose values ask for something else than this control plane builds, with the values that do not. */
const FELIX_FIELDS: Readonly<Record<string, readonly unknown[]>> = {
  bpfEnabled: [false, 'false'],
  nftablesMode: ['Disabled', 'Auto'],
  floatingIPs: ['Disabled'],
  natPortRange: [],
  routeSource: ['CalicoIPAM'],
  iptablesNATOutgoingInterfaceFilter: [''],
  localSubnetL2Reachability: ['Disabled'],
  externalNodesList: [],
}

/** Pod annotations that change packets and are not read. */
const POD_ANNOTATIONS = ['ipAddrsNoIpam', 'floatingIPs', 'allowedSourcePrefixes'].map(
  (name) => `cni.projectcalico.org/${name}`,
)

/** Names everything in the objects that asks for what is not built. */
export function noteNotModelled(resources: Resources, findings: Findings): void {
  for (const other of resources.others) {
    if (POLICY_KINDS.test(other.kind))
      findings.unmodelled('kind', other, [], 'not enforced, its rules are not rendered')
  }
  for (const felix of resources.felixConfigurations) {
    for (const [field, harmless] of Object.entries(FELIX_FIELDS)) {
      const value = felix.spec[field]
      if (value === undefined || harmless.includes(value)) continue
      findings.unmodelled('field', felix, ['spec', field], `${field} ${JSON.stringify(value)} is not modelled`)
    }
  }
  for (const pod of resources.pods) {
    if (pod.metadata.annotations === undefined) continue
    for (const name of POD_ANNOTATIONS) {
      if (pod.metadata.annotations[name] === undefined) continue
      findings.unmodelled('annotation', pod, ['metadata', 'annotations', name], `${name} is not modelled`)
    }
  }
}
