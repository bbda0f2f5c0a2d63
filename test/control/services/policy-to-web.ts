import type { Cluster } from '../../../src/control/index.ts'

/** A policy that lets pods out to the Service default/web. */
export const OUT_TO_WEB: object = {
  apiVersion: 'projectcalico.org/v3',
  kind: 'NetworkPolicy',
  metadata: { name: 'p', namespace: 'default' },
  spec: {
    types: ['Egress'],
    egress: [{ action: 'Allow', destination: { services: { name: 'web', namespace: 'default' } } }],
  },
}

/** Addresses and ports that the first rule of the first policy lets pods out to. */
export function allowedMembers({ policies }: Cluster): readonly string[] {
  const [set] = policies.policies[0]!.egress[0]!.destination.ipPortSets
  return policies.set(set!, 4).members
}
