import { isRecord } from '../../model/index.ts'
import { has, refuseIf } from './members.ts'
import { metadata } from './metadata.ts'
import { portOf } from './numbers-or-text.ts'
import {
  type Agreement,
  list,
  type MapShape,
  map,
  needed,
  type Refusal,
  set,
  TEXT,
  textRecord,
  whole,
  withDefault,
  words,
} from './shape.ts'

const SELECTOR: MapShape = map({
  matchLabels: textRecord(),
  matchExpressions: list(map({ key: TEXT, operator: TEXT, values: list(TEXT) })),
})

/** A port that Calico can convert, as the end of which a range may have another. */
const portConverts: Agreement = (port) => {
  if (!has(port, 'port')) return []
  const range = has(port, 'endPort') ? `${port['port']}:${port['endPort']}` : String(port['port'])
  return refuseIf(portOf(range) === undefined, ['port'], `expected a port or a range low:high, not ${range}`)
}

const PORTS = list(
  map({ port: { is: 'number-or-text' }, endPort: whole(-(2 ** 31), 2 ** 31 - 1), protocol: TEXT }, portConverts),
)

const PEERS = list(
  map({ podSelector: SELECTOR, namespaceSelector: SELECTOR, ipBlock: map({ cidr: TEXT, except: list(TEXT) }) }),
)

/** A staged deletion says nothing else. */
const deletionIsBare: Agreement = (spec) => {
  if (spec['stagedAction'] !== 'Delete') return []
  const { podSelector } = spec
  const said = ['ingress', 'egress', 'policyTypes'].filter((name) => has(spec, name))
  if (isRecord(podSelector) && Object.keys(podSelector).length > 0) said.push('podSelector')
  return said.map((name): Refusal => ({ at: [name], message: 'nothing else, as stagedAction is Delete' }))
}

/** StagedKubernetesNetworkPolicy: a policy of Kubernetes that is not in force. What cannot be converted is refused. */
export const STAGED_KUBERNETES_NETWORK_POLICY: MapShape = map({
  metadata: metadata(),
  spec: needed(
    map(
      {
        stagedAction: withDefault(words('Set', 'Delete', 'Learn', 'Ignore'), 'Set'),
        podSelector: SELECTOR,
        ingress: list(map({ ports: PORTS, from: PEERS })),
        egress: list(map({ ports: PORTS, to: PEERS })),
        policyTypes: set(TEXT, 2),
      },
      deletionIsBare,
    ),
  ),
})
