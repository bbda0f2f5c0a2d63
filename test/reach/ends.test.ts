// Ends that are asked otherwise than pods: Services from outside and headless ones, nodes with host ports, ways on which answers are lost.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { checkReach, drawnBy, flowIn, type Reach, reachOf } from '../../src/reach/index.ts'
import { Shell } from '../../src/shell/index.ts'

const calico = (kind: string, name: string, spec: object): object => ({
  apiVersion: 'projectcalico.org/v3',
  kind,
  metadata: { name },
  spec,
})

const node = (name: string, last: number): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, annotations: { 'projectcalico.org/IPv4Address': `172.16.0.${last}/24` } },
})

const pod = (name: string, nodeName: string, ports: readonly object[] = []): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels: { app: name.split('-')[0] } },
  spec: { nodeName, containers: [{ name: 'c', ports: [{ containerPort: 80 }, ...ports] }] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
})

const service = (name: string, spec: object, status: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, protocol: 'TCP' }], ...spec },
  status,
})

/** Two nodes with a pod of each sort. */
function labOf(more: readonly object[] = []): Lab {
  const items = [
    calico('IPPool', 'pool', { cidr: '10.64.0.0/16', ipipMode: 'Always', natOutgoing: true }),
    node('a', 10),
    node('b', 11),
    pod('web-0', 'a'),
    pod('web-1', 'b'),
    pod('client', 'b'),
    ...more,
  ]
  return Lab.load(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
}

const told = (reach: Reach, from: string, to: string, point = 80) => flowIn(reach, { from, to, protocol: 'tcp', point })

describe('from outside', () => {
  const given = { loadBalancer: { ingress: [{ ip: '172.16.0.11' }] } }

  it.each([
    [
      'an external address that a node has',
      service('s', { clusterIP: '10.96.0.5', externalIPs: ['172.16.0.10'] }),
      'allowed',
    ],
    [
      'an address of a load balancer that a node has',
      service('s', { clusterIP: '10.96.0.5', type: 'LoadBalancer' }, given),
      'allowed',
    ],
    [
      'an address that no router leads to',
      service('s', { clusterIP: '10.96.0.5', externalIPs: ['203.0.114.9'] }),
      'denied',
    ],
  ])('a Service is asked at %s', (_, object, verdict) => {
    const reach = reachOf(labOf([object]))
    expect(told(reach, '0.0.0.0/0', 'svc/default/s')?.verdict).toBe(verdict)
  })

  it('a Service without such an address has no row', () => {
    const reach = reachOf(labOf([service('s', { clusterIP: '10.96.0.5' })]))
    expect(told(reach, '0.0.0.0/0', 'svc/default/s')).toBeUndefined()
    expect(told(reach, 'default/client', 'svc/default/s')?.verdict).toBe('allowed')
  })
})

describe('a headless Service', () => {
  const lab = labOf([service('s', { clusterIP: 'None' })])

  it('is named as one whose endpoints are the answer', () => {
    expect(reachOf(lab).notes).toEqual([
      'headless, DNS leads to their endpoints, whose rows are the answer: svc/default/s',
    ])
  })

  const unready = {
    ...pod('web-2', 'a'),
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] },
  }
  const slice = (...addresses: readonly string[]): object => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 's-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 's' } },
    addressType: 'IPv4',
    endpoints: addresses.map((one) => ({ addresses: [one], conditions: { ready: true } })),
    ports: [{ port: 80, protocol: 'TCP' }],
  })
  const headless = (spec: object = {}): object => service('s', { clusterIP: 'None', ...spec })
  const byHand = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', namespace: 'default' } }
  const bare = { ...byHand, spec: { clusterIP: 'None', ports: [{ port: 80, protocol: 'TCP' }] } }

  it.each<readonly [string, readonly object[], readonly string[]]>([
    ['the pods that its selector selects', [headless()], ['default/web-0', 'default/web-1']],
    ['none that is not ready', [headless(), unready], ['default/web-0', 'default/web-1']],
    [
      'those, too, where it publishes them',
      [headless({ publishNotReadyAddresses: true }), unready],
      ['default/web-0', 'default/web-1', 'default/web-2'],
    ],
    ['the nodes and outside addresses of a slice that somebody wrote', [bare, slice('172.16.0.11')], ['node/b']],
    ['the range outside that an address of it is in', [bare, slice('198.51.100.7')], ['0.0.0.0/0']],
  ])('is asked for as what DNS leads to: %s', (_, objects, members) => {
    const { cells, ends } = reachOf(labOf(objects), { from: ['default/client'], to: ['svc/default/s'] })
    expect(cells.flatMap(({ to }) => ends[to]!.members).sort()).toEqual(members)
  })

  it('without one that is ready is refused', () => {
    expect(() => reachOf(labOf([bare]), { to: ['svc/default/s'] })).toThrow(/a Service that DNS has addresses for/)
  })
})

describe('addresses outside', () => {
  const from = (range: string): object =>
    calico('GlobalNetworkPolicy', 'p', {
      selector: "app == 'web'",
      types: ['Ingress'],
      ingress: [{ action: 'Allow', source: { nets: [range] } }],
    })

  it.each([
    ['with the network of the nodes in it stands for what is behind that', '172.16.0.0/12', 'partly', '172.24.0.10'],
    [
      'that is the network of the nodes: nobody has an address to ask from',
      '172.16.0.0/24',
      'allowed',
      'policy was asked',
    ],
  ])('a range %s', (_, range, verdict, word) => {
    const outcome = told(reachOf(labOf([from(range)])), range, 'node/a')!
    expect(outcome.verdict).toBe(verdict)
    expect(outcome.why + outcome.notes!.join()).toContain(word)
  })
})

describe('ports of nodes', () => {
  it('that lead to pods of the same sort make no classes of their own', () => {
    const ports = [{ containerPort: 443, hostPort: 443 }]
    const { ends } = reachOf(labOf([pod('in-0', 'a', ports), pod('in-1', 'b', ports)]))
    expect(ends.filter(({ kind }) => kind === 'nodes').map(({ members }) => members)).toEqual([['node/a', 'node/b']])
  })
})

describe('answers that are lost', () => {
  it('make it partly so, by direction', () => {
    const lab = labOf()
    const { addresses } = lab.cluster!.workloadEndpoints.find(({ netns }) => netns === 'default/client')!
    new Shell(lab, 'a').execute(`ip route add blackhole ${addresses[0]}`)
    const reach = reachOf(lab)
    const outcome = told(reach, 'default/client', 'default/web-0')!
    expect(outcome).toMatchObject({ verdict: 'partly', partly: 'direction' })
    const parts = outcome.parts!.map((part) => [part.when, reach.outcomes[part.outcome]!.verdict])
    expect(parts).toEqual([
      ['requests', 'allowed'],
      ['answers', 'broken'],
    ])
    expect(checkReach(lab, reach, 60, drawnBy(1)).wrong).toEqual([])
  })
})
