// Which addresses Services of type LoadBalancer get of Calico.
import { describe, expect, it } from 'vitest'
import { NO_TIMING } from '../../src/controllers/index.ts'
import { type AnyObject, nodes, World } from './world.ts'

const pool = (name: string, cidr: string, more: object = {}): AnyObject =>
  ({
    apiVersion: 'projectcalico.org/v3',
    kind: 'IPPool',
    metadata: { name },
    spec: { cidr, blockSize: cidr.includes(':') ? 122 : 26, allowedUses: ['LoadBalancer'], ...more },
  }) as AnyObject
const service = (name: string, spec: object = {}, annotations: Record<string, string> = {}): AnyObject =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop', annotations },
    spec: { type: 'LoadBalancer', clusterIP: '10.96.0.7', ports: [{ port: 80 }], ...spec },
  }) as AnyObject
const requestedOnly = {
  apiVersion: 'projectcalico.org/v3',
  kind: 'KubeControllersConfiguration',
  metadata: { name: 'default' },
  spec: { controllers: { loadBalancer: { assignIPs: 'RequestedServicesOnly' } } },
} as AnyObject

const FOUR = pool('four', '203.0.113.0/24')
const SIX = pool('six', 'fd77::/64')
const MANUAL = pool('manual', '198.51.100.0/26', { assignmentMode: 'Manual' })

/** Addresses of the Service `web`, as Calico gives them with these objects. */
function addresses(...objects: readonly AnyObject[]): (string | undefined)[] {
  const world = new World([...nodes(1)], NO_TIMING).put(...objects).settle()
  const web = world.resources.services.find(({ metadata }) => metadata.name === 'web')
  return (web?.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip)
}

const annotated = (name: string, ...values: string[]) => ({ [`projectcalico.org/${name}`]: JSON.stringify(values) })

describe('a Service of type LoadBalancer', () => {
  it.each([
    [
      'no pool is for load balancers',
      [service('web'), pool('pods', '10.65.0.0/16', { allowedUses: ['Workload'] })],
      [],
    ],
    ['the pool is disabled', [service('web'), pool('four', '203.0.113.0/24', { disabled: true })], []],
    ['the block of the virtual host load-balancer', [service('web'), FOUR], ['203.0.113.128']],
    ['another class', [service('web', { loadBalancerClass: 'example.com/metal' }), FOUR], []],
    ['the class of Calico', [service('web', { loadBalancerClass: 'calico' }), FOUR, requestedOnly], ['203.0.113.128']],
    ['only who asks, and it does not', [service('web'), FOUR, requestedOnly], []],
    ['spec.loadBalancerIP', [service('web', { loadBalancerIP: '203.0.113.5' }), FOUR, requestedOnly], ['203.0.113.5']],
    [
      'an address by annotation',
      [service('web', {}, annotated('loadBalancerIPs', '203.0.113.6')), FOUR],
      ['203.0.113.6'],
    ],
    ['an address that no pool has', [service('web', { loadBalancerIP: '192.0.2.1' }), FOUR], []],
    [
      'an address of another use',
      [
        service('web', { loadBalancerIP: '10.65.0.1' }),
        FOUR,
        pool('pods', '10.65.0.0/16', { allowedUses: ['Workload'] }),
      ],
      [],
    ],
    ['a pool that is used only when asked for', [service('web'), MANUAL], []],
    ['and that one asked for', [service('web', {}, annotated('ipv4pools', 'manual')), MANUAL, FOUR], ['198.51.100.0']],
    [
      'one of each family',
      [service('web', { ipFamilies: ['IPv4', 'IPv6'] }), FOUR, SIX],
      ['203.0.113.128', expect.stringMatching(/^fd77::/)],
    ],
    [
      'an address that another has',
      [service('db', { loadBalancerIP: '203.0.113.5' }), service('web', { loadBalancerIP: '203.0.113.5' }), FOUR],
      [],
    ],
    [
      'an annotation that is no list',
      [service('web', {}, { 'projectcalico.org/loadBalancerIPs': 'x' }), FOUR],
      ['203.0.113.128'],
    ],
    ['another type', [service('web', { type: 'NodePort' }), FOUR], []],
  ] as const)('%s', (_, objects, ips) => {
    expect(addresses(...objects)).toEqual(ips)
  })

  it('keeps its address, and gives it back with its type', () => {
    const world = new World([...nodes(1)], NO_TIMING).put(FOUR, service('web'), service('db')).settle()
    const of = (name: string) => world.resources.services.find(({ metadata }) => metadata.name === name)!
    const ips = () => ['web', 'db'].map((name) => of(name).status?.loadBalancer?.ingress?.[0]?.ip)
    expect(ips()).toEqual(['203.0.113.128', '203.0.113.129'])
    world.put({ ...of('web'), spec: { ...of('web').spec, type: 'ClusterIP' } }).settle()
    expect(ips()).toEqual([undefined, '203.0.113.129'])
  })

  it('gets none while kube-controllers does not run', () => {
    const world = new World([...nodes(1)], NO_TIMING, { stopped: new Set(['calico-kube-controllers'] as const) })
    world.put(FOUR, service('web')).settle()
    expect(world.resources.services[0]?.status).toBeUndefined()
  })
})
