import { describe, expect, it } from 'vitest'
import type { DaemonSetResource, InstallationResource, OtherResource } from '../../src/control/index.ts'
import { typhas } from '../../src/controllers/calico/operator.ts'
import { isNodeReady, nodeWord, podWord, runsCalicoNode } from '../../src/controllers/index.ts'
import { type AnyObject, bareNode, deployment, node, nodes, template, World } from './world.ts'

const CALICO_NODE: DaemonSetResource = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'calico-node', namespace: 'kube-system', labels: { 'k8s-app': 'calico-node' } },
  spec: {
    selector: { matchLabels: { 'k8s-app': 'calico-node' } },
    template: {
      metadata: { labels: { 'k8s-app': 'calico-node' } },
      spec: {
        hostNetwork: true,
        nodeSelector: { 'kubernetes.io/os': 'linux' },
        tolerations: [
          { effect: 'NoSchedule', operator: 'Exists' },
          { effect: 'NoExecute', operator: 'Exists' },
        ],
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'calico-node',
            image: 'calico/node:v3.16.3',
            env: [{ name: 'CALICO_IPV4POOL_IPIP', value: 'Always' }],
          },
        ],
      },
    },
  },
}

const DEFINITIONS: OtherResource[] = ['ippools', 'clusterinformations', 'felixconfigurations'].map((plural) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.crd.projectcalico.org` },
}))

const INSTALLATION: InstallationResource = {
  apiVersion: 'operator.tigera.io/v1',
  kind: 'Installation',
  metadata: { name: 'default' },
  spec: { calicoNetwork: { ipPools: [{ cidr: '10.9.0.0/16', encapsulation: 'VXLAN' }] } },
}

/** A cluster as kubeadm leaves it: nobody wires pods, and CoreDNS waits. */
function bare(): AnyObject[] {
  const coredns = deployment('coredns', 2)
  const named = [bareNode('n1'), bareNode('n2'), bareNode('n3')].map((one) => ({
    ...one,
    metadata: { ...one.metadata, labels: { 'kubernetes.io/os': 'linux' } },
  }))
  return [...named, { ...coredns, metadata: { ...coredns.metadata, namespace: 'kube-system' } }]
}

function installed(): World {
  return new World(bare())
    .put(deployment('web', 2))
    .pass(5)
    .put(CALICO_NODE, ...DEFINITIONS)
    .pass(60)
}

describe('a cluster without a CNI plugin', () => {
  it('has nodes that are not ready, and pods that no node takes', () => {
    const world = new World(bare()).put(deployment('web', 2)).pass(5)
    expect(world.resources.nodes.map(nodeWord)).toEqual(['NotReady', 'NotReady', 'NotReady'])
    expect(world.resources.pods.map(podWord)).toEqual(['Pending', 'Pending'])
    const told = world.events.filter(({ reason }) => reason === 'FailedScheduling').map(({ message }) => message)
    expect(told[0]).toMatch(
      /^0\/3 nodes are available: 3 node\(s\) had untolerated taint {node.kubernetes.io\/not-ready: }/,
    )
  })

  it('has neither a pool nor settings of Calico', () => {
    const { resources } = new World(bare()).pass(600)
    expect([resources.ippools, resources.clusterInformations]).toEqual([[], []])
  })
})

describe('kubectl apply -f calico.yaml', () => {
  it('brings calico-node to every node, which makes the node ready and the datastore whole', () => {
    const world = installed()
    expect(world.resources.nodes.map(nodeWord)).toEqual(['Ready', 'Ready', 'Ready'])
    expect(world.resources.nodes.every(({ spec }) => (spec?.taints ?? []).length === 0)).toBe(true)
    expect(world.resources.clusterInformations[0]?.spec).toEqual({
      calicoVersion: 'v3.16.3',
      clusterGUID: expect.stringMatching(/^[0-9a-f]{32}$/),
      datastoreReady: true,
    })
    const pools = world.resources.ippools.map(({ metadata, spec }) => [metadata.name, spec.cidr, spec.ipipMode])
    expect(pools).toEqual([['default-ipv4-ippool', '192.168.0.0/16', 'Always']])
  })

  it('lets the pods run that waited for it', () => {
    const world = installed()
    expect(world.resources.pods.map(podWord)).toEqual(world.resources.pods.map(() => 'Running'))
    expect(world.podNames().filter((name) => name.startsWith('web-'))).toHaveLength(2)
    for (const one of world.resources.nodes) {
      expect(runsCalicoNode(world.resources.pods, world.memory.calicoNodes, one.metadata.name)).toBe(true)
    }
  })
})

describe('the operator', () => {
  const spec = { hostNetwork: true, tolerations: [{ operator: 'Exists' }] }
  const operator = deployment('tigera-operator', 1, { template: template('tigera-operator', 'operator:v1', spec) })
  const there = { ...operator, metadata: { name: 'tigera-operator', namespace: 'tigera-operator' } }

  it('makes of an Installation what makes nodes ready, once it runs itself', () => {
    const world = new World(bare())
    world.more = { stopped: new Set(['tigera-operator']) }
    world.put(INSTALLATION, there).pass(60)
    expect(world.resources.nodes.map(nodeWord)).toEqual(['NotReady', 'NotReady', 'NotReady'])
    world.more = {}
    world.pass(60)
    expect(world.resources.nodes.map(nodeWord)).toEqual(['Ready', 'Ready', 'Ready'])
    expect(world.resources.ippools.map(({ spec }) => [spec.cidr, spec.vxlanMode])).toEqual([['10.9.0.0/16', 'Always']])
    const made = [...world.resources.daemonSets, ...world.resources.deployments].map(({ metadata }) => metadata.name)
    expect(made).toEqual(expect.arrayContaining(['calico-node', 'calico-typha', 'calico-kube-controllers']))
  })

  it('takes with the Installation what it made of it', () => {
    const world = new World(bare()).put(INSTALLATION, there).pass(60).remove('Installation', 'default').pass(60)
    expect(world.resources.daemonSets).toEqual([])
    expect(world.resources.deployments.map(({ metadata }) => metadata.name)).toEqual(['coredns', 'tigera-operator'])
    expect(world.resources.namespaces).toEqual([])
  })

  it.each([
    [1, 1],
    [2, 1],
    [4, 2],
    [5, 3],
    [400, 4],
    [10_000, 20],
  ])('runs as many Typhas as nodes need: %i', (count, wanted) => {
    expect(typhas(count)).toBe(wanted)
  })
})

it('a manifest of calico-node that was cut short tolerates what whole ones do', () => {
  const { tolerations: _, ...spec } = CALICO_NODE.spec.template!.spec!
  const short = { ...CALICO_NODE, spec: { ...CALICO_NODE.spec, template: { ...CALICO_NODE.spec.template, spec } } }
  expect(new World(bare()).put(short).pass(60).resources.nodes.map(nodeWord)).toEqual(['Ready', 'Ready', 'Ready'])
})

describe('kubectl delete -f calico.yaml', () => {
  const removed = (): World => {
    const world = installed()
    world.remove('DaemonSet', 'calico-node')
    for (const { metadata } of DEFINITIONS) world.remove('CustomResourceDefinition', metadata.name)
    return world.pass(60)
  }

  it('takes calico-node and all of its objects; nodes stay ready, for the CNI configuration stays on them', () => {
    const { resources } = removed()
    expect(resources.pods.filter(({ metadata }) => metadata.name.startsWith('calico-node'))).toEqual([])
    expect([resources.ippools, resources.clusterInformations, resources.felixConfigurations]).toEqual([[], [], []])
    expect(resources.nodes.map(nodeWord)).toEqual(['Ready', 'Ready', 'Ready'])
  })

  it('leaves pods that can neither be wired nor taken down', () => {
    const world = removed()
    const [first] = world.resources.pods.filter(({ metadata }) => metadata.name.startsWith('web-'))
    const ending = { ...first!, metadata: { ...first!.metadata, deletionTimestamp: '2024-05-01T00:05:00Z' } }
    world.put(ending).pass(300)
    expect(podWord(world.pod(first!.metadata.name))).toBe('Terminating')
    const waiting = world.resources.pods.filter((pod) => podWord(pod) === 'ContainerCreating')
    expect(waiting).toHaveLength(1)
    expect(world.events.map(({ reason }) => reason)).toEqual(
      expect.arrayContaining(['FailedKillPod', 'FailedCreatePodSandBox']),
    )
  })
})

describe('values for a chart of RKE2', () => {
  const chart = {
    apiVersion: 'helm.cattle.io/v1',
    kind: 'HelmChartConfig',
    metadata: { name: 'rke2-canal', namespace: 'kube-system' },
  }
  const waiting = (name: string): ReturnType<typeof node> => {
    const one = bareNode(name)
    return { ...one, metadata: { ...one.metadata, labels: { 'kubernetes.io/os': 'linux' } } }
  }

  it('make nodes ready that wait for a CNI plugin: canal comes to them', () => {
    const world = new World([waiting('n1'), waiting('n2')]).put(chart).pass(60)
    expect(world.resources.nodes.map(nodeWord)).toEqual(['Ready', 'Ready'])
    expect(world.podNames()).toEqual([expect.stringMatching(/^rke2-canal-/), expect.stringMatching(/^rke2-canal-/)])
    expect(world.resources.ippools).toEqual([])
    world.remove('HelmChartConfig', 'rke2-canal').pass(60)
    expect(world.podNames()).toHaveLength(2)
  })

  it.each(['rke2-coredns', 'rke2-cilium'])('of another chart do not: %s', (name) => {
    const other = { ...chart, metadata: { ...chart.metadata, name } }
    const world = new World([waiting('n1')]).put(other).pass(60)
    expect(world.resources.nodes.map(nodeWord)).toEqual(['NotReady'])
  })

  it('change nothing where nodes are ready', () => {
    const world = new World([node('n1')]).put(chart).pass(60)
    expect(world.resources.daemonSets).toEqual([])
  })
})

describe('a cluster that was given', () => {
  it.each([
    { name: 'nodes that say nothing', given: nodes(2) },
    {
      name: 'nodes that are ready',
      given: nodes(2).map((one) => ({
        ...one,
        status: { ...one.status, conditions: [{ type: 'Ready', status: 'True' }] },
      })),
    },
    { name: 'a Deployment, and none of its pods', given: [...nodes(2), deployment('web', 3)] },
    { name: 'calico-node, and none of its pods', given: [...nodes(2), CALICO_NODE] },
    { name: 'an Installation, and nothing of what it asks for', given: [...nodes(2), INSTALLATION] },
    { name: 'pods that say nothing of how they are', given: [node('n1'), pod('a', 'n1'), pod('b')] },
  ])('stays as it is: $name', ({ given }) => {
    const world = new World(given)
    const before = world.resources
    world.pass(3600)
    expect(world.resources).toEqual(before)
    expect(world.resources.nodes.every(isNodeReady)).toBe(true)
  })

  it('gives a node that joins it calico-node, and it becomes ready', () => {
    const labels = { 'kubernetes.io/os': 'linux' }
    const world = new World([...nodes(2), CALICO_NODE]).put({ ...node('n3'), metadata: { name: 'n3', labels } })
    expect(nodeWord(world.settle().resources.nodes[2]!)).toBe('NotReady')
    world.pass(30)
    expect(nodeWord(world.resources.nodes[2]!)).toBe('Ready')
    expect(world.resources.pods.map(({ spec }) => spec.nodeName)).toEqual(['n3'])
  })
})

function pod(name: string, nodeName?: string): AnyObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: nodeName === undefined ? {} : { nodeName } }
}

describe('a cluster to which Calico is yet to come', () => {
  const ready = (one: ReturnType<typeof node>): typeof one => ({
    ...one,
    status: { ...one.status, conditions: [{ type: 'Ready', status: 'True' }] },
  })
  const labels = { 'kubernetes.io/os': 'linux' }
  const bare = (name: string): ReturnType<typeof node> => node(name, { metadata: { name, labels } })

  it.each([
    ['nodes say nothing', [bare('n1'), bare('n2')]],
    ['nodes say that they are ready', [ready(bare('n1')), ready(bare('n2'))]],
    ['pods wait for a network', [bare('n1'), bare('n2'), { ...pod('early'), status: { phase: 'Pending' } }]],
  ])('has no network for pods until then: %s', (_, given) => {
    const world = new World(given).put(deployment('web', 2)).pass(30)
    const webs = (): string[] =>
      world.resources.pods.filter(({ metadata }) => metadata.name.startsWith('web-')).map(podWord)
    expect(webs()).toEqual(['ContainerCreating', 'ContainerCreating'])
    world.put(CALICO_NODE).pass(60)
    expect(webs()).toEqual(['Running', 'Running'])
    expect(world.resources.clusterInformations).toHaveLength(1)
  })

  it('is none where a pod has a network: somebody gave it one', () => {
    const running = { ...pod('old', 'n1'), status: { phase: 'Running', podIP: '192.168.0.5' } }
    const world = new World([bare('n1'), running]).put(deployment('web', 1)).pass(30)
    expect(world.resources.pods.map(podWord)).toEqual(['Running', 'Running'])
  })
})
