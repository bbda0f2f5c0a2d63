// An EndpointSlice tells of a pod whose address the input leaves open: the endpoint is taken to be that pod.
import { describe, expect, it } from 'vitest'
import { clusterWith, pod, service } from '../kube-proxy/scene.ts'
import { allowedMembers, OUT_TO_WEB } from './policy-to-web.ts'

const slice = (name: string, of: string, endpoints: readonly object[], rest: object = {}): object => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': of } },
  addressType: 'IPv4',
  ports: [{ name: '', port: 8080, protocol: 'TCP' }],
  endpoints,
  ...rest,
})
const open = (name: string, node = 'n1', parts: object = {}): object =>
  pod(name, node, '', { status: { podIP: undefined }, ...parts })
const web = service('web', { clusterIP: '10.96.0.1' })
const at = (address: string, rest: object = {}): object => ({ addresses: [address], ...rest })

/** Endpoints of the first Service by pod, and what is said of them. */
function found(objects: readonly object[], which = 0) {
  const cluster = clusterWith(objects)
  const [port] = cluster.serviceEndpoints(cluster.resources.services[which]!)
  const addresses = new Map(cluster.workloadEndpoints.map(({ netns, addresses: [first] }) => [first, netns]))
  const notes = cluster.findings.notes.filter(({ code }) => code === 'endpoints_stand_in')
  return {
    ends: port!.endpoints.map(({ address, pod: of }) => [addresses.get(address) ?? address, of]),
    notes,
    cluster,
  }
}

describe('an endpoint at an address nobody has', () => {
  const GONE = '192.168.200.1'

  it.each<[string, object, object, string | undefined]>([
    ['is the pod the Service selects', open('a'), at(GONE), 'default/a'],
    ['… on the node the slice names', open('a'), at(GONE, { nodeName: 'n1' }), 'default/a'],
    ['… not one on another', open('a'), at(GONE, { nodeName: 'n2' }), undefined],
    ['… by the name the slice gives', open('a'), at(GONE, { targetRef: { kind: 'Pod', name: 'a' } }), 'default/a'],
    ['… not one of another name', open('a'), at(GONE, { targetRef: { kind: 'Pod', name: 'b' } }), undefined],
    ['… not one that the Service does not select', open('a', 'n1', { labels: { app: 'db' } }), at(GONE), undefined],
    ['… not one of another namespace', open('a', 'n1', { namespace: 'other' }), at(GONE), undefined],
    ['… not one that says its address', pod('a', 'n1', '192.168.1.1'), at(GONE), undefined],
    ['… nor one on the network of its node', open('a', 'n1', { hostNetwork: true }), at(GONE), undefined],
  ])('%s', (_name, candidate, endpoint, want) => {
    const { ends, notes } = found([web, candidate, slice('s', 'web', [endpoint])])
    expect(ends.map(([where]) => where)).toEqual([want ?? GONE])
    expect(notes).toHaveLength(want === undefined ? 0 : 1)
  })

  it('is said, with the Services it concerns', () => {
    const { notes } = found([web, open('a'), slice('s', 'web', [at(GONE)])])
    expect(notes).toMatchObject([
      { effect: 'assumed', topic: 'services', scope: { kind: 'service', services: ['default/web'] } },
    ])
    expect(notes[0]!.what).toBe(
      `nobody has the address: ${GONE}, an endpoint of Service default/web, is taken to be pod default/a, whose address the input leaves open`,
    )
  })

  it('is another pod for each address, and the same one in every slice and Service', () => {
    const api = service('api', { clusterIP: '10.96.0.2' })
    const both = [at('192.168.200.1'), at('192.168.200.2')]
    const objects = [
      web,
      api,
      open('a'),
      open('b'),
      slice('s1', 'web', both),
      slice('s2', 'web', [both[1]!], { ports: [{ name: 'other', port: 1 }] }),
      slice('s3', 'api', [both[1]!]),
    ]
    const first = found(objects)
    const byName = new Map(first.ends.map(([, of]) => [of, of]))
    expect([...byName.keys()].sort()).toEqual(['default/a', 'default/b'])
    const second = found(objects, 1)
    expect(second.ends).toEqual([['default/b', 'default/b']])
    expect(second.notes[0]!.what).toContain('2 endpoints of Services (192.168.200.1 of default/web, …)')
  })

  it('is left alone where all pods of its Service are taken', () => {
    const { ends } = found([web, open('a'), slice('s', 'web', [at('192.168.200.1'), at('192.168.200.2')])])
    expect(ends.map(([where]) => where).sort()).toEqual(['192.168.200.2', 'default/a'])
  })

  it('is the same pod for policies', () => {
    const { cluster, ends } = found([web, open('a'), slice('s', 'web', [at(GONE)]), OUT_TO_WEB])
    const [own] = cluster.workloadEndpoints[0]!.addresses
    expect(allowedMembers(cluster)).toEqual([`${own},tcp:8080`])
    expect(ends).toEqual([['default/a', 'default/a']])
  })
})
