// Which endpoints a port of a Service has, and which of them a node uses (facts/services.md A4; pkg/proxy/topology.go).
import { describe, expect, it } from 'vitest'
import { categorize } from '../../../src/control/kube-proxy/categorize.ts'
import type { Endpoint } from '../../../src/control/kube-proxy/endpoints.ts'
import { PortViews } from '../../../src/control/kube-proxy/port-view.ts'
import { type ServicePort, servicePorts } from '../../../src/control/kube-proxy/service-ports.ts'
import { loadResources } from '../../../src/input/index.ts'
import { clusterWith, pod, service } from './scene.ts'

const servicesOf = (objects: readonly object[]) =>
  loadResources([{ name: 's', text: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) }]).resources
    .services

/** The one port of a Service. */
function portOf(spec: object, rest: Parameters<typeof service>[2] = {}): ServicePort {
  return servicePorts(servicesOf([service('web', { clusterIP: '10.96.0.1', ...spec }, rest)]), 4)[0]!
}

describe('ports of Services', () => {
  it.each<[string, object, string[], string[]]>([
    ['one address', { clusterIP: '10.96.0.1' }, ['10.96.0.1'], []],
    [
      'both families',
      { clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1', 'fd00:96::1'] },
      ['10.96.0.1'],
      ['fd00:96::1'],
    ],
    ['IPv6 first', { clusterIP: 'fd00:96::1', clusterIPs: ['fd00:96::1', '10.96.0.1'] }, ['10.96.0.1'], ['fd00:96::1']],
    ['headless', { clusterIP: 'None' }, [], []],
    ['without an address', {}, [], []],
    ['a name', { type: 'ExternalName', clusterIP: '10.96.0.1' }, [], []],
  ])('%s', (_name, spec, four, six) => {
    const services = servicesOf([service('web', spec)])
    const addresses = (family: 4 | 6) => servicePorts(services, family).map(({ clusterIp }) => clusterIp)
    expect([addresses(4), addresses(6)]).toEqual([four, six])
  })

  it('come in the order of their names, whatever the order of the input', () => {
    const objects = [
      service('b', { clusterIP: '10.96.0.2' }),
      service('a', {
        clusterIP: '10.96.0.1',
        ports: [
          { name: 'z', port: 1 },
          { name: 'y', port: 2 },
        ],
      }),
      service('a', { clusterIP: '10.96.0.3' }, { namespace: 'another' }),
    ]
    const names = (list: readonly object[]) => servicePorts(servicesOf(list), 4).map(({ name }) => name)
    expect(names(objects)).toEqual(['another/a', 'default/a:y', 'default/a:z', 'default/b'])
    expect(names([...objects].reverse())).toEqual(names(objects))
  })

  it.each<[string, object, object, object]>([
    ['affinity', { sessionAffinity: 'ClientIP' }, {}, { affinity: 10_800 }],
    [
      'affinity for a minute',
      { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } },
      {},
      { affinity: 60 },
    ],
    ['no affinity', { sessionAffinity: 'None' }, {}, { affinity: undefined }],
    [
      'Local for what comes from outside',
      { type: 'NodePort', externalTrafficPolicy: 'Local' },
      {},
      { externalLocal: true },
    ],
    ['… which nothing does to a ClusterIP', { externalTrafficPolicy: 'Local' }, {}, { externalLocal: false }],
    ['… but to externalIPs', { externalTrafficPolicy: 'Local', externalIPs: ['1.2.3.4'] }, {}, { externalLocal: true }],
    ['Local inside', { internalTrafficPolicy: 'Local' }, {}, { internalLocal: true }],
    [
      'a port for health checks',
      { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30001 },
      {},
      { healthCheckPort: 30001 },
    ],
    [
      'none with the policy Cluster',
      { type: 'LoadBalancer', healthCheckNodePort: 30001 },
      {},
      { healthCheckPort: undefined },
    ],
    [
      'addresses of a load balancer, but for those it keeps to itself',
      { type: 'LoadBalancer' },
      { status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }, { ip: '1.2.3.5', ipMode: 'Proxy' }] } } },
      { balancerIps: ['1.2.3.4'] },
    ],
    [
      'source ranges of its family that can be read',
      { type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0/8', 'nonsense', 'fd00::/8'] },
      {},
      { sourceRanges: ['10.0.0.0/8'] },
    ],
    ['hints', {}, {}, { heedsHints: true }],
    ['no hints', {}, { annotations: { 'service.kubernetes.io/topology-mode': 'Disabled' } }, { heedsHints: false }],
  ])('%s', (_name, spec, rest, want) => {
    const port = portOf(spec, rest) as unknown as Record<string, unknown>
    expect(Object.fromEntries(Object.keys(want).map((key) => [key, port[key]]))).toEqual(want)
  })
})

describe('endpoints of a Service without EndpointSlices', () => {
  const named = { ports: [{ name: 'http', containerPort: 8081 }] }
  const READY = (status: string) => ({ status: { conditions: [{ type: 'Ready', status }] } })
  const cluster = (spec: object, pods: readonly object[]) => {
    const made = clusterWith([service('web', { clusterIP: '10.96.0.1', ...spec }), ...pods])
    return made.serviceEndpoints(made.resources.services[0]!)[0]!.endpoints
  }

  it.each<[string, object, object, string[]]>([
    ['the port itself', { ports: [{ port: 80 }] }, {}, ['192.168.1.1:80']],
    ['a number', { ports: [{ port: 80, targetPort: 8080 }] }, {}, ['192.168.1.1:8080']],
    ['a number as text', { ports: [{ port: 80, targetPort: '8080' }] }, {}, ['192.168.1.1:8080']],
    ['a name', { ports: [{ port: 80, targetPort: 'http' }] }, named, ['192.168.1.1:8081']],
    ['a name of another protocol', { ports: [{ port: 80, targetPort: 'http', protocol: 'UDP' }] }, named, []],
    ['a name the pod does not know', { ports: [{ port: 80, targetPort: 'www' }] }, named, []],
  ])('targetPort: %s', (_name, spec, parts, want) => {
    const found = cluster(spec, [pod('a', 'n1', '192.168.1.1', parts)])
    expect(found.map(({ address, port }) => `${address}:${port}`)).toEqual(want)
  })

  it.each<[string, object, object, boolean[] | undefined]>([
    ['a pod nobody says more of', {}, {}, [true, true, false]],
    ['a ready one', READY('True'), {}, [true, true, false]],
    ['one that is not ready', READY('False'), {}, [false, false, false]],
    ['… published all the same', READY('False'), { publishNotReadyAddresses: true }, [true, false, false]],
    ['a pending one', { status: { phase: 'Pending' } }, {}, [false, false, false]],
    [
      'one that ends and still serves',
      { ...READY('True'), deletionTimestamp: '2024-01-01T00:00:00Z' },
      {},
      [false, true, true],
    ],
    ['one that has ended', { status: { phase: 'Succeeded' } }, {}, undefined],
    ['one of other labels', { labels: { app: 'other' } }, {}, undefined],
    ['one of another namespace', { namespace: 'other' }, {}, undefined],
  ])('%s', (_name, parts, spec, want) => {
    const found = cluster(spec, [pod('a', 'n1', '192.168.1.1', parts)])
    expect(found.map(({ ready, serving, terminating }) => [ready, serving, terminating])).toEqual(want ? [want] : [])
  })

  it('a pod on its node’s network has the node’s address', () => {
    const found = cluster({}, [pod('a', 'n2', '172.18.0.2', { hostNetwork: true })])
    expect(found).toMatchObject([{ address: '172.18.0.2', node: 'n2', pod: 'default/a' }])
  })

  it('are in the order of their texts', () => {
    const ips = ['192.168.1.9', '192.168.1.10', '192.168.1.100']
    const found = cluster(
      {},
      ips.map((ip, i) => pod(`p${i}`, 'n1', ip)),
    )
    expect(found.map(({ address }) => address)).toEqual(['192.168.1.100', '192.168.1.10', '192.168.1.9'])
  })
})

describe('endpoints of EndpointSlices', () => {
  const slice = (name: string, fields: object): object => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    ...fields,
  })
  const found = (spec: object, slices: readonly object[]) => {
    const made = clusterWith([
      service('web', { clusterIP: '10.96.0.1', ...spec }),
      pod('a', 'n1', '192.168.1.1'),
      ...slices,
    ])
    return made.serviceEndpoints(made.resources.services[0]!)[0]!.endpoints
  }
  const one = (address: string, rest: object = {}) => ({ addresses: [address], ...rest })

  it('replace what the selector would give', () => {
    const ends = [one('192.168.9.9', { nodeName: 'n2', targetRef: { kind: 'Pod', name: 'x' } })]
    expect(found({}, [slice('s', { endpoints: ends })])).toMatchObject([
      {
        address: '192.168.9.9',
        port: 8080,
        node: 'n2',
        pod: 'default/x',
        ready: true,
        serving: true,
        terminating: false,
      },
    ])
    expect(found({}, [slice('s', { endpoints: [] })])).toEqual([])
  })

  it.each<[string, object, object, number[]]>([
    ['the same name', { name: 'http' }, { name: 'http', port: 1 }, [1]],
    ['another name', { name: 'http' }, { name: 'https', port: 1 }, []],
    ['another protocol', { name: 'http' }, { name: 'http', port: 1, protocol: 'UDP' }, []],
    ['no number', { name: 'http' }, { name: 'http' }, []],
  ])('of ports: %s', (_name, ofService, ofSlice, want) => {
    const spec = { ports: [{ port: 80, ...ofService }] }
    expect(
      found(spec, [slice('s', { ports: [ofSlice], endpoints: [one('192.168.1.1')] })]).map(({ port }) => port),
    ).toEqual(want)
  })

  it('each once, one that lives before one that ends', () => {
    const ending = one('192.168.1.1', { conditions: { ready: false, serving: true, terminating: true } })
    const slices = [
      slice('s1', { endpoints: [one('192.168.1.1'), one('192.168.1.2')] }),
      slice('s2', { endpoints: [ending] }),
    ]
    expect(found({}, slices).map(({ address, ready }) => [address, ready])).toEqual([
      ['192.168.1.1', true],
      ['192.168.1.2', true],
    ])
  })
})

describe('which endpoints a node uses', () => {
  const NODE = { name: 'n1', labels: { 'topology.kubernetes.io/zone': 'a' } }
  const end = (text: string, rest: Partial<Endpoint> = {}): Endpoint =>
    ({
      text,
      ready: true,
      serving: true,
      terminating: false,
      zones: [],
      nodes: [],
      node: 'n1',
      ...rest,
    }) as unknown as Endpoint
  const viewsOf = (list: readonly Endpoint[]): PortViews =>
    new PortViews(
      {
        of: () => list,
        some: (_port, test) => list.some(test),
        haveHints: () => list.some(({ zones, nodes }) => zones.length + nodes.length > 0),
      },
      () => undefined,
    )
  const NO_HINTS = { annotations: { 'service.kubernetes.io/topology-aware-hints': 'disabled' } }
  const gone = { ready: false, serving: false }
  const leaving = { ready: false, terminating: true }
  const away = { node: 'n2' }
  const outside = { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }], externalTrafficPolicy: 'Local' }
  const inside = { internalTrafficPolicy: 'Local' }

  it.each<[string, object, Endpoint[], string, string, boolean]>([
    ['ready ones', {}, [end('1'), end('2', away), end('3', gone)], '1 2', '', true],
    ['none', {}, [end('3', gone)], '', '', false],
    ['those that serve while they end, where none is ready', {}, [end('1', leaving), end('2', gone)], '1', '', true],
    ['not those, where one is ready', {}, [end('1', leaving), end('2')], '2', '', true],
    ['Local outside: both lists', outside, [end('1'), end('2', away)], '1 2', '1', true],
    ['Local outside: none here', outside, [end('2', away)], '2', '', true],
    ['Local outside: those that end here', outside, [end('1', leaving), end('2', away)], '2', '1', true],
    ['Local inside only', inside, [end('1'), end('2', away)], '', '1', true],
    ['Local inside, none here', inside, [end('2', away)], '', '', true],
    ['Local inside, none at all', inside, [end('2', { ...away, ...gone })], '', '', false],
    ['of its zone', {}, [end('1', { zones: ['a'] }), end('2', { zones: ['b'] })], '1', '', true],
    ['all, where one has no hint', {}, [end('1', { zones: ['a'] }), end('2')], '1 2', '', true],
    ['all, where its zone has none', {}, [end('1', { zones: ['c'] }), end('2', { zones: ['b'] })], '1 2', '', true],
    [
      'its own before its zone',
      {},
      [end('1', { zones: ['a'], nodes: ['n2'] }), end('2', { zones: ['a'], nodes: ['n1'] })],
      '2',
      '',
      true,
    ],
  ])('%s', (_name, spec, endpoints, cluster, local, hasAny) => {
    const texts = (list: readonly Endpoint[]) => list.map(({ text }) => text).join(' ')
    const port = portOf(spec)
    const found = categorize(port, endpoints, NODE)
    expect([texts(found.cluster), texts(found.local)]).toEqual([cluster, local])
    expect(new Set(found.reachable)).toEqual(new Set([...found.cluster, ...found.local]))
    // What is known without the lists is what they say.
    const view = viewsOf(endpoints).of(port, NODE)
    expect(view).toMatchObject({ hasAny, hasCluster: cluster !== '', hasLocal: local !== '' })
    expect(view.ends()).toEqual(found)
  })

  it('hints are not heeded where the Service says so', () => {
    const port = portOf({}, NO_HINTS)
    const endpoints = [end('1', { zones: ['a'] }), end('2', { zones: ['b'] })]
    expect(categorize(port, endpoints, NODE).cluster).toHaveLength(2)
  })

  it.each<[string, ServicePort, Endpoint[], boolean]>([
    ['without hints', portOf({}), [end('1')], true],
    ['with hints', portOf({}), [end('1'), end('2', { zones: ['a'] })], false],
    ['with hints for nodes', portOf({}), [end('1', { nodes: ['n1'] })], false],
    ['with hints nobody heeds', portOf({}, NO_HINTS), [end('1', { zones: ['a'] })], true],
    ['by the policy Local', portOf(inside), [end('1')], false],
  ])('%s a port is the same on every node: %#', (_name, port, endpoints, isShared) => {
    expect(viewsOf(endpoints).of(port, NODE).isShared).toBe(isShared)
  })
})
