// Two nodes, a pod on each (and two on the first), and the network between them as a test wants it.

/** What differs between the clusters of these tests. */
export interface Situation {
  /** Mode of the pool; absent = none. */
  readonly pool?: string
  /** MTU of the second node's segment; absent = no word of it. */
  readonly far?: number
  /** MTU of the segment both nodes are on, while their cards keep 1500: the second node is in the same segment then. */
  readonly narrow?: number
  /** Filters of the first node's segment. */
  readonly filters?: string
  /** Lines of FelixConfiguration's spec. */
  readonly felix?: string
  /** No Underlay at all. */
  readonly bare?: boolean
}

const NODE2 = (isFar: boolean): string => (isFar ? '10.0.2.12' : '10.0.1.12')

function underlay({ far, narrow, filters = '[]' }: Situation): string {
  const mtu = narrow === undefined ? 1500 : narrow
  const card = narrow === undefined ? '' : ', mtu: 1500'
  const isFar = far !== undefined
  const second = isFar ? 'there' : 'here'
  return `
---
apiVersion: packetwalk/v1
kind: Underlay
metadata: {name: lab}
spec:
  segments:
  - {name: here, cidr: 10.0.1.0/24, gateway: 10.0.1.1, mtu: ${mtu}, filters: ${filters}}
  ${isFar ? `- {name: there, cidr: 10.0.2.0/24, gateway: 10.0.2.1, mtu: ${far}}` : ''}
  nodes:
  - name: n1
    interfaces: [{name: eth0, segment: here, address: 10.0.1.11/24${card}}]
  - name: n2
    interfaces: [{name: eth0, segment: ${second}, address: ${NODE2(isFar)}/24${card}}]
  routers:
  - name: r
    internet: true
    masquerade: true
    interfaces:
    - {name: eth0, segment: here, address: 10.0.1.1/24}
    ${isFar ? '- {name: eth1, segment: there, address: 10.0.2.1/24}' : ''}
`
}

/** The objects of a situation as YAML. */
export function objectsOf(situation: Situation): string {
  const { pool = '', felix = '{}', bare = false, far } = situation
  return `
apiVersion: v1
kind: Node
metadata: {name: n1, annotations: {projectcalico.org/IPv4Address: 10.0.1.11/24}}
---
apiVersion: v1
kind: Node
metadata: {name: n2, annotations: {projectcalico.org/IPv4Address: ${NODE2(far !== undefined)}/24}}
---
apiVersion: projectcalico.org/v3
kind: ClusterInformation
metadata: {name: default}
spec: {calicoVersion: v3.29.0, datastoreReady: true}
---
apiVersion: projectcalico.org/v3
kind: FelixConfiguration
metadata: {name: default}
spec: ${felix}
---
apiVersion: projectcalico.org/v3
kind: IPPool
metadata: {name: pods}
spec: {cidr: 10.65.0.0/16, natOutgoing: true${pool}}
---
apiVersion: v1
kind: Pod
metadata: {name: a, labels: {app: a}}
spec: {nodeName: n1}
---
apiVersion: v1
kind: Pod
metadata: {name: a2}
spec: {nodeName: n1}
---
apiVersion: v1
kind: Pod
metadata: {name: b, labels: {app: b}}
spec: {nodeName: n2, containers: [{name: c, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: 10.96.0.10, selector: {app: b}, ports: [{port: 80}]}
${bare ? '' : underlay(situation)}`
}

/** IPIP, always. */
export const IPIP = ', ipipMode: Always'
/** VXLAN, always. */
export const VXLAN = ', vxlanMode: Always'
