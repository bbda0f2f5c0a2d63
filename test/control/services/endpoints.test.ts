// Endpoints of before EndpointSlices: read where a Service has no slice, as they would be mirrored.
import { describe, expect, it } from 'vitest'
import { clusterWith, lines, pod, service } from '../kube-proxy/scene.ts'
import { allowedMembers, OUT_TO_WEB } from './policy-to-web.ts'

const address = (ip: string, rest: object = {}): object => ({ ip, ...rest })
const endpoints = (subsets: readonly object[] | null, meta: object = {}, name = 'web'): object => ({
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: { name, namespace: 'default', ...meta },
  subsets,
})
const PORTS = [{ port: 8080 }]
const web = service('web', { clusterIP: '10.96.0.1', selector: undefined })
const selecting = service('web', { clusterIP: '10.96.0.1' })
const slice = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 's', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  ports: [{ port: 7 }],
  endpoints: [{ addresses: ['10.9.9.9'] }],
}

function found(...objects: readonly object[]) {
  const cluster = clusterWith(objects)
  const [port] = cluster.serviceEndpoints(cluster.resources.services[0]!)
  const ends = port!.endpoints.map(({ address: ip, port: number, ready }) => `${ip}:${number}${ready ? '' : ' not'}`)
  return { cluster, ends, codes: cluster.findings.notes.map(({ code }) => code) }
}

describe('Endpoints', () => {
  it.each<[string, readonly object[], readonly string[]]>([
    [
      'of a Service without selector are its endpoints',
      [web, endpoints([{ addresses: [address('10.1.1.1'), address('10.1.1.2')], ports: PORTS }])],
      ['10.1.1.1:8080', '10.1.1.2:8080'],
    ],
    [
      'of one with a selector, too: its controller wrote them',
      [selecting, pod('a', 'n1', '192.168.1.1'), endpoints([{ addresses: [address('10.1.1.1')], ports: PORTS }])],
      ['10.1.1.1:8080'],
    ],
    [
      'that are not ready are known',
      [web, endpoints([{ addresses: [address('10.1.1.1')], notReadyAddresses: [address('10.1.1.2')], ports: PORTS }])],
      ['10.1.1.1:8080', '10.1.1.2:8080 not'],
    ],
    [
      'have the ports of their subset',
      [
        web,
        endpoints([
          { addresses: [address('10.1.1.1')], ports: [{ port: 1 }, { name: 'other', port: 2 }] },
          { addresses: [address('10.1.1.2')], ports: [{ port: 3, protocol: 'UDP' }] },
        ]),
      ],
      ['10.1.1.1:1'],
    ],
    ['without subsets are none', [web, endpoints(null)], []],
    [
      'are not asked where the Service has a slice',
      [web, slice, endpoints([{ addresses: [address('10.1.1.1')], ports: PORTS }])],
      ['10.9.9.9:7'],
    ],
    [
      'are not taken where somebody else writes its slices',
      [
        web,
        endpoints([{ addresses: [address('10.1.1.1')], ports: PORTS }], {
          labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' },
        }),
      ],
      [],
    ],
    [
      'that were cut off are not all there are: those of the selector count',
      [
        selecting,
        pod('a', 'n1', '192.168.1.1'),
        endpoints([{ addresses: [address('10.1.1.1')], ports: PORTS }], {
          annotations: { 'endpoints.kubernetes.io/over-capacity': 'truncated' },
        }),
      ],
      ['192.168.1.1:8080'],
    ],
    [
      'of another Service are not its own',
      [web, endpoints([{ addresses: [address('10.1.1.1')], ports: PORTS }], {}, 'other')],
      [],
    ],
  ])('%s', (_name, objects, want) => {
    expect(found(...objects).ends).toEqual(want)
  })

  it('say node and pod, and are what a rule comes from', () => {
    const targetRef = { kind: 'Pod', namespace: 'default', name: 'a' }
    const list = [address('10.1.1.1'), address('10.1.1.2', { nodeName: 'n2', targetRef })]
    const { cluster } = found(web, endpoints([{ notReadyAddresses: [list[0]!], addresses: [list[1]!], ports: PORTS }]))
    const [port] = cluster.serviceEndpoints(cluster.resources.services[0]!)
    expect(port!.endpoints[1]).toMatchObject({
      node: 'n2',
      pod: 'default/a',
      path: ['subsets', 0, 'addresses', 0],
      resource: { kind: 'Endpoints' },
    })
    expect(port!.endpoints[0]).toMatchObject({ path: ['subsets', 0, 'notReadyAddresses', 0] })
    expect(lines(cluster, 'nat', 'KUBE-SERVICES')[0]).toContain('default/web cluster IP')
  })

  it('leave nothing open, and nothing assumed', () => {
    const told = endpoints([{ addresses: [address('10.1.1.1')], ports: PORTS }])
    expect(found(web).codes).toContain('service')
    expect(found(web, told).codes).not.toContain('service')
    expect(found(selecting).codes).toContain('endpoints_assumed')
    expect(found(selecting, told).codes).not.toContain('endpoints_assumed')
  })

  it('are members of what policies say of the Service', () => {
    const { cluster } = found(web, OUT_TO_WEB, endpoints([{ notReadyAddresses: [address('10.1.1.1')], ports: PORTS }]))
    expect(allowedMembers(cluster)).toEqual(['10.1.1.1,tcp:8080'])
  })
})
