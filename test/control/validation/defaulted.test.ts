// What the API fills in of objects that leave something out.
import { describe, expect, it } from 'vitest'
import { createRefusalsOf, defaulted, pathText } from '../../../src/control/index.ts'

const of = (kind: string, spec: object, metadata: object = { name: 'a' }): Record<string, unknown> => ({
  apiVersion: 'projectcalico.org/v3',
  kind,
  metadata,
  spec,
})
const specOf = (kind: string, spec: object): unknown => defaulted(of(kind, spec))['spec']

describe('defaulted', () => {
  it.each<[what: string, kind: string, spec: object, filled: object]>([
    [
      '[resources.md §2] a pool has modes, a block size, a selector and uses',
      'IPPool',
      { cidr: '10.78.0.0/16' },
      {
        cidr: '10.78.0.0/16',
        ipipMode: 'Never',
        vxlanMode: 'Never',
        blockSize: 26,
        nodeSelector: 'all()',
        allowedUses: ['Workload', 'Tunnel'],
        assignmentMode: 'Automatic',
      },
    ],
    ['[resources.md §2] blocks of IPv6 are of /122', 'IPPool', { cidr: 'fd00::/64' }, { blockSize: 122 }],
    [
      'what is said stays',
      'IPPool',
      { cidr: '10.78.0.0/16', blockSize: 28, allowedUses: ['Tunnel'] },
      { blockSize: 28, allowedUses: ['Tunnel'] },
    ],
    [
      'a policy with rules of ingress is of ingress',
      'NetworkPolicy',
      { ingress: [{ action: 'Allow' }] },
      { types: ['Ingress'], tier: 'default' },
    ],
    [
      'a policy with rules of egress alone is of egress',
      'GlobalNetworkPolicy',
      { egress: [{ action: 'Allow' }] },
      { types: ['Egress'] },
    ],
    [
      'a policy with both is of both',
      'StagedNetworkPolicy',
      { ingress: [{}], egress: [{}] },
      { types: ['Ingress', 'Egress'], stagedAction: 'Set' },
    ],
    [
      'egress of Kubernetes does not stand alone',
      'StagedKubernetesNetworkPolicy',
      { egress: [{}] },
      { policyTypes: ['Ingress', 'Egress'] },
    ],
    ['[policy.md §2] a tier has an order and denies', 'Tier', {}, { order: 1000000, defaultAction: 'Deny' }],
    [
      '[resources.md §10] blocks are made for nodes',
      'IPAMConfiguration',
      {},
      { strictAffinity: false, autoAllocateBlocks: true, maxBlocksPerHost: 0 },
    ],
    [
      '[resources.md §11] metrics have a port, and leaks a grace',
      'KubeControllersConfiguration',
      { controllers: { node: {}, loadBalancer: {} } },
      {
        prometheusMetricsPort: 9094,
        healthChecks: 'Enabled',
        controllers: { node: { leakGracePeriod: '15m0s' }, loadBalancer: { assignIPs: 'AllServices' } },
      },
    ],
    [
      'an old switch of eBPF decides two others',
      'FelixConfiguration',
      { bpfConnectTimeLoadBalancingEnabled: true },
      { bpfConnectTimeLoadBalancing: 'Enabled', bpfHostNetworkedNATWithoutCTLB: 'Disabled' },
    ],
    [
      '[resources.md §6] floating addresses are off',
      'FelixConfiguration',
      {},
      { floatingIPs: 'Disabled', nftablesMode: 'Auto' },
    ],
    [
      'logs of BIRD say what happens',
      'BGPConfiguration',
      {},
      { logSeverityScreen: 'Info', serviceLoadBalancerAggregation: 'Enabled' },
    ],
  ])('%s', (_, kind, spec, filled) => {
    expect(specOf(kind, spec)).toMatchObject(filled)
  })

  it('labels policies with their tier', () => {
    const { metadata } = defaulted(of('NetworkPolicy', { tier: 'platform' }, { name: 'a', labels: { b: 'c' } }))
    expect(metadata).toEqual({ name: 'a', labels: { b: 'c', 'projectcalico.org/tier': 'platform' } })
  })

  it('leaves others as they are, and does so twice', () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }
    expect(defaulted(pod)).toBe(pod)
    const once = defaulted(of('IPPool', { cidr: '10.78.0.0/16' }))
    expect(defaulted(once)).toEqual(once)
  })
})

describe('what clients refuse besides', () => {
  it.each<[what: string, object: Record<string, unknown>, paths: string[]]>([
    [
      'settings of all nodes for one',
      of('BGPConfiguration', { serviceClusterIPs: [], logSeverityScreen: 'Info' }, { name: 'node.n1' }),
      ['spec.serviceClusterIPs'],
    ],
    ['nothing of the default', of('BGPConfiguration', { asNumber: 64513 }, { name: 'default' }), []],
    [
      '[ipam.md §1] a limit that is not strict',
      of('IPAMConfiguration', { maxBlocksPerHost: 3 }, { name: 'default' }),
      ['spec.maxBlocksPerHost'],
    ],
    [
      '[ipam.md §1] nodes that could have no blocks',
      of('IPAMConfiguration', { autoAllocateBlocks: false }, { name: 'default' }),
      ['spec.autoAllocateBlocks'],
    ],
    ['a second configuration', of('IPAMConfiguration', {}, { name: 'b' }), ['metadata.name']],
    ['policies that Kubernetes makes', of('NetworkPolicy', {}, { name: 'knp.default.a' }), ['metadata.name']],
    ['the profile that Calico makes', of('Profile', {}, { name: 'projectcalico-default-allow' }), ['metadata.name']],
  ])('%s', (_, object, paths) => {
    expect(createRefusalsOf(object).map(({ at }) => pathText(at))).toEqual(paths)
  })

  it('templates without a name of their own or without interfaces', () => {
    const templates = [
      { generateName: 'a', interfacePattern: 'ens.*' },
      { generateName: 'a', interfaceCIDRs: ['10.0.0.0/8'] },
      {},
    ]
    const spec = { controllers: { node: { hostEndpoint: { templates } } } }
    const found = createRefusalsOf(of('KubeControllersConfiguration', spec, { name: 'default' }))
    expect(found.map(({ at }) => pathText(at.slice(5)))).toEqual(['[1].generateName', '[2].generateName', '[2]'])
  })
})
