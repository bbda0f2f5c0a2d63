import { listAt, refuseIf } from './members.ts'
import { metadata } from './metadata.ts'
import { type Agreement, ANYTHING, list, type MapShape, map, needed, set, TEXT, withDefault, words } from './shape.ts'

/** A staged deletion says nothing else. */
const deletionIsBare: Agreement = (spec) => {
  if (spec['stagedAction'] !== 'Delete') return []
  const { podSelector } = spec
  const selects = podSelector !== undefined && Object.keys(podSelector as object).length > 0
  return [
    ...refuseIf(selects, ['podSelector'], 'nothing else, as stagedAction is Delete'),
    ...['ingress', 'egress', 'policyTypes']
      .filter((name) => spec[name] !== undefined)
      .map((name) => ({ at: [name], message: 'nothing else, as stagedAction is Delete' })),
  ]
}

/** Types are those of the converted policy. */
const typesAreDirections: Agreement = (spec) =>
  listAt(spec, 'policyTypes').length > 2 ? [{ at: ['policyTypes'], message: 'expected at most 2' }] : []

/** StagedKubernetesNetworkPolicy: a policy of Kubernetes that is not in force. */
export const STAGED_KUBERNETES_NETWORK_POLICY: MapShape = map({
  metadata: metadata(),
  spec: needed(
    map(
      {
        stagedAction: withDefault(words('Set', 'Delete', 'Learn', 'Ignore'), 'Set'),
        podSelector: ANYTHING,
        ingress: list(ANYTHING),
        egress: list(ANYTHING),
        policyTypes: set(TEXT),
      },
      deletionIsBare,
      typesAreDirections,
    ),
  ),
})
