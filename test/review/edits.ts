// Forty edits of a town, each as one would write it in a pull request.
import { readFileSync } from 'node:fs'

/** The cluster that is edited, with a machine that is no node yet: a document an object. */
export const TOWN = readFileSync(new URL('../support/town.yaml', import.meta.url), 'utf8').replace(
  '  {name: client,',
  '  {name: n4, interfaces: [{name: eth0, segment: east, addresses: [10.0.1.14/24]}]},\n  {name: client,',
)

/** An edit: words of the document of an object become others, an object comes, or one goes. */
type Edit =
  | readonly [name: string, of: RegExp, was: string, now: string]
  | readonly [name: string, comes: string]
  | readonly [name: string, goes: RegExp]

const pool = /kind: IPPool, metadata: \{name: four\}/
const felix = /kind: FelixConfiguration, metadata: \{name: default\}/
const podA = /kind: Pod, metadata: \{name: a,/
const web = /kind: Service, metadata: \{name: web\}/
const dbPolicy = /name: db-from-shop/
const telnet = /name: no-telnet/
const raw = (kind: string, name: string, spec: string, more = ''): string =>
  `{apiVersion: projectcalico.org/v3, kind: ${kind}, metadata: {name: ${name}${more}}, spec: ${spec}}`

/** All of them. */
export const EDITS: readonly Edit[] = [
  ['pool: IPIP always', pool, 'ipipMode: CrossSubnet', 'ipipMode: Always'],
  ['pool: IPIP never', pool, 'ipipMode: CrossSubnet', 'ipipMode: Never'],
  ['pool: VXLAN in its place', pool, 'ipipMode: CrossSubnet', 'vxlanMode: Always'],
  ['pool: natOutgoing off', pool, 'natOutgoing: true', 'natOutgoing: false'],
  ['pool: block size', pool, 'natOutgoing: true', 'natOutgoing: true, blockSize: 28'],
  ['pool: disabled', pool, 'natOutgoing: true', 'natOutgoing: true, disabled: true'],
  ['pool: nodeSelector', pool, 'natOutgoing: true', "natOutgoing: true, nodeSelector: side == 'east'"],
  ['pool: one more', raw('IPPool', 'more', '{cidr: 192.171.0.0/16, natOutgoing: true}')],
  ['pool: one less', /kind: IPPool, metadata: \{name: idle\}/],
  ['node: a label', /kind: Node, metadata: \{name: n2,/, 'side: east', 'side: west'],
  [
    'node: one more',
    '{apiVersion: v1, kind: Node, metadata: {name: n4}, status: {addresses: [{type: InternalIP, address: 10.0.1.14}]}}',
  ],
  [
    'policy: one more',
    raw('NetworkPolicy', 'shut', "{selector: app == 'a', types: [Ingress]}", ', namespace: default'),
  ],
  ['policy: one less', dbPolicy],
  ['policy: order', telnet, 'order: 10.5', 'order: 2000'],
  ['policy: port', dbPolicy, 'ports: [{port: pg}]', 'ports: [{port: 5433}]'],
  ['policy: port of a rule with an action', telnet, 'ports: [23]', 'ports: [23, 2323]'],
  [
    'policy: selector',
    dbPolicy,
    'podSelector: {matchLabels: {role: db}}, policyTypes',
    'podSelector: {matchLabels: {app: web}}, policyTypes',
  ],
  ['policy: peers', dbPolicy, 'matchLabels: {app: web}', 'matchLabels: {app: db}'],
  ['policy: action', telnet, 'action: Deny, protocol: TCP', 'action: Allow, protocol: TCP'],
  ['policy: a staged one goes', /kind: StagedNetworkPolicy/],
  ['tier: order', /kind: Tier, metadata: \{name: platform\}/, 'order: 100', 'order: 3000000'],
  ['network set: a range', /kind: NetworkSet, /, '198.51.100.0/24', '198.51.100.0/25'],
  ['namespace: a label', /kind: Namespace, metadata: \{name: shop/, 'team: shop', 'team: core'],
  ['pod: a label', podA, 'tier: front', 'tier: back'],
  ['pod: one less', /kind: Pod, metadata: \{name: alone/],
  ['pod: another node', /kind: Pod, metadata: \{name: alone/, 'nodeName: n1', 'nodeName: n2'],
  ['pod: host port', /kind: Pod, metadata: \{name: b,/, 'hostPort: 8081', 'hostPort: 8082'],
  ['Service: port', web, 'port: 80, targetPort: http', 'port: 8000, targetPort: http'],
  ['Service: target port', web, 'targetPort: 8080', 'targetPort: 8081'],
  ['Service: node port', web, 'nodePort: 30080', 'nodePort: 30081'],
  ['Service: selector', web, 'app: b', 'canary: "yes"'],
  ['Service: local traffic', web, 'type: NodePort', 'type: NodePort, externalTrafficPolicy: Local'],
  ['Service: affinity', web, 'type: NodePort', 'type: NodePort, sessionAffinity: ClientIP'],
  ['endpoints: one less', /name: manual-1/, ', {addresses: [192.168.1.3]}', ''],
  ['host endpoint: goes', /name: n3-card/],
  ['BGP: no mesh', raw('BGPConfiguration', 'default', '{nodeToNodeMeshEnabled: false}')],
  ['BGP: a peer', raw('BGPPeer', 'tor', '{peerIP: 10.0.1.1, asNumber: 64999}')],
  ['Felix: MTU', felix, '{failsafeInbound', '{ipipMTU: 1300, failsafeInbound'],
  ['Felix: WireGuard', felix, '{failsafeInbound', '{wireguardEnabled: true, failsafeInbound'],
  [
    'Felix: what pods may do to their node',
    felix,
    '{failsafeInbound',
    '{defaultEndpointToHostAction: Accept, failsafeInbound',
  ],
]

/** The town after an edit. @throws when its words are not there */
export function edited([name, what, was, now]: Edit): string {
  const documents = TOWN.split('\n---\n')
  if (typeof what === 'string') return [...documents, what].join('\n---\n')
  const at = documents.findIndex((one) => what.test(one))
  const found = documents[at]
  if (found === undefined || (was !== undefined && !found.includes(was))) throw new Error(`${name}: not there`)
  if (was === undefined || now === undefined) return documents.filter((_, i) => i !== at).join('\n---\n')
  return documents.map((one, i) => (i === at ? one.replace(was, now) : one)).join('\n---\n')
}
