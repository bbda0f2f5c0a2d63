// What is taken from the input, what is passed over, and what must never be kept.
import { describe, expect, it } from 'vitest'
import type { Resources } from '../../src/control/index.ts'
import { loadResources } from '../../src/input/index.ts'

const load = (text: string, name = 'x.yaml') => loadResources([{ name, text }])
const POOL = 'metadata: {name: p}\nspec: {cidr: 10.0.0.0/16}'
const pool = (api: string): string => `apiVersion: ${api}\nkind: IPPool\n${POOL}`

describe('objects', () => {
  it.each(['projectcalico.org/v3', 'crd.projectcalico.org/v1'])('of %s are read', (api) => {
    expect(load(pool(api)).resources.ippools.map(({ spec }) => spec.cidr)).toEqual(['10.0.0.0/16'])
  })

  it('of another group with a name of ours are not taken for ours', () => {
    const { resources, unread } = load(
      'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: s}\n---\napiVersion: example.org/v1\nkind: Pod\nmetadata: {name: p}',
    )
    expect([resources.services, resources.pods, resources.others]).toEqual([[], [], []])
    expect(unread).toEqual([
      { apiVersion: 'serving.knative.dev/v1', kind: 'Service', count: 1 },
      { apiVersion: 'example.org/v1', kind: 'Pod', count: 1 },
    ])
  })

  it('come in many documents, in lists of any kind, in lists inside lists, as JSON and as plain arrays', () => {
    const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      items: [namespace('b'), { apiVersion: 'v1', kind: 'NamespaceList', items: [{ metadata: { name: 'c' } }] }],
    }
    const texts = [
      {
        name: '1.yaml',
        text: '# only a comment\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\n---\n',
      },
      { name: '2.json', text: JSON.stringify(list) },
      { name: '3.json', text: JSON.stringify([namespace('d'), namespace('e')]) },
    ]
    expect(loadResources(texts).resources.namespaces.map(({ metadata }) => metadata.name)).toEqual([...'abcde'])
  })

  it('with empty fields are as without them, in lists, too; an empty place of a list stays', () => {
    const policy = 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec:\n'
    const empty = load(
      `${policy}  podSelector: {}\n  ingress: [{from: [{podSelector: {matchExpressions: [{key: a, operator: Exists, values: }]}}]}]\n`,
    )
    const without = load(
      `${policy}  podSelector: {}\n  ingress: [{from: [{podSelector: {matchExpressions: [{key: a, operator: Exists}]}}]}]\n`,
    )
    expect(JSON.stringify(empty.resources.policies)).toBe(JSON.stringify(without.resources.policies))
    const block =
      'apiVersion: crd.projectcalico.org/v1\nkind: IPAMBlock\nmetadata: {name: b}\nspec: {cidr: 10.0.0.0/31, allocations: [null, 0], attributes: [{handle_id: }], unallocated: [0]}'
    expect(load(block).resources.ipamBlocks[0]?.spec).toMatchObject({ allocations: [null, 0], attributes: [{}] })
  })

  it('keep their places, in YAML and in JSON', () => {
    const yaml = load(`# one\n\n${pool('projectcalico.org/v3')}`).resources.ippools[0]!
    expect(yaml.placeOf!(['spec', 'cidr'])).toEqual({ file: 'x.yaml', line: 6, column: 14 })
    const json = load('{\n "apiVersion": "v1",\n "kind": "Namespace",\n "metadata": {"name": "n"}\n}', 'x.json')
    expect(json.resources.namespaces[0]!.placeOf!(['metadata', 'name'])).toEqual({
      file: 'x.json',
      line: 4,
      column: 23,
    })
  })

  it('of kinds that are not read are counted, and known by name', () => {
    const policy = (name: string): string =>
      `apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: ${name}}\nspec: {}\n---\n`
    const { unread, resources } = load(policy('a') + policy('b'))
    expect(unread).toEqual([{ apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicy', count: 2 }])
    expect(resources.others.map(({ metadata }) => metadata.name)).toEqual(['a', 'b'])
  })

  it.each<[list: keyof Resources, apiVersion: string, kind: string, spec: object]>([
    [
      'ipamHandles',
      'crd.projectcalico.org/v1',
      'IPAMHandle',
      { handleID: 'h', block: { '10.7.0.0/26': 2 }, deleted: false },
    ],
    [
      'bgpFilters',
      'projectcalico.org/v3',
      'BGPFilter',
      {
        importV4: [
          {
            action: 'Accept',
            cidr: '10.7.0.0/16',
            matchOperator: 'In',
            prefixLength: { min: 24, max: 28 },
            asPathPrefix: [64512, '1.7'],
            communities: { values: ['64512:7'] },
            operations: [{ setPriority: { value: 7 } }, { prependASPath: { prefix: ['64512'] } }],
          },
        ],
        exportV6: [{ action: 'Reject', peerType: 'eBGP', source: 'RemotePeers', interface: 'eth7', priority: 7 }],
      },
    ],
    [
      'calicoNodeStatuses',
      'projectcalico.org/v3',
      'CalicoNodeStatus',
      { node: 'n', classes: ['BGP'], updatePeriodSeconds: 7 },
    ],
    [
      'workloadEndpoints',
      'projectcalico.org/v3',
      'WorkloadEndpoint',
      {
        node: 'n',
        orchestrator: 'k8s',
        pod: 'p',
        endpoint: 'eth0',
        ipNetworks: ['10.7.0.7/32'],
        ipNATs: [{ internalIP: '10.7.0.7', externalIP: '192.0.2.7' }],
        profiles: ['kns.dev'],
        interfaceName: 'cali07',
        ports: [{ name: 'web', protocol: 'TCP', port: 80 }],
      },
    ],
  ])('arrive in the list %s; that they decide nothing is told of all but filters', (list, apiVersion, kind, spec) => {
    const { unread, resources, warnings } = load(
      JSON.stringify({ apiVersion, kind, metadata: { name: 'x' }, spec, status: {} }),
    )
    expect(resources[list]).toMatchObject([{ apiVersion, kind, metadata: { name: 'x' }, spec }])
    expect(resources.others).toEqual([])
    const told = kind === 'BGPFilter' ? [] : [{ apiVersion, kind, count: 1 }]
    expect([unread, warnings]).toEqual([told, []])
  })

  it('of kind Secret are known by name and namespace', () => {
    const { resources } = load(
      'apiVersion: v1\nkind: Secret\nmetadata: {name: bgp, namespace: kube-system, uid: u}\ndata: {p: cA==}',
    )
    expect(resources.secrets).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'bgp', namespace: 'kube-system' },
        placeOf: expect.anything() as unknown,
      },
    ])
  })

  it('with fields Calico may know and packetwalk does not read give a warning with a place', () => {
    const { warnings, resources } = load(`${pool('projectcalico.org/v3').slice(0, -1)}, natOutgoin: true}`)
    expect(warnings).toMatchObject([{ kind: 'unsupported', line: 4, object: 'IPPool/p', path: ['spec', 'natOutgoin'] }])
    expect(resources.ippools[0]!.spec).not.toHaveProperty('natOutgoin')
  })

  it('empty fields count as absent', () => {
    expect(
      load('apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: }\nspec: {containers: }').resources.pods[0],
    ).not.toHaveProperty('metadata.labels')
  })
})

describe('a node of the Calico API', () => {
  const calico =
    'apiVersion: projectcalico.org/v3\nkind: Node\nmetadata: {name: n}\nspec: {bgp: {ipv4Address: 10.0.0.1/24, asNumber: 64513, ipv4IPIPTunnelAddr: 10.1.0.1}}'
  const annotations = {
    'projectcalico.org/IPv4Address': '10.0.0.1/24',
    'projectcalico.org/ASNumber': '64513',
    'projectcalico.org/IPv4IPIPTunnelAddr': '10.1.0.1',
  }

  it('becomes annotations of the Kubernetes node of its name', () => {
    const kubernetes =
      'apiVersion: v1\nkind: Node\nmetadata: {name: n, labels: {a: b}}\nstatus: {addresses: [{type: InternalIP, address: 10.0.0.1}]}'
    for (const text of [`${kubernetes}\n---\n${calico}`, `${calico}\n---\n${kubernetes}`]) {
      const { nodes } = load(text).resources
      expect(nodes).toMatchObject([
        { metadata: { name: 'n', labels: { a: 'b' }, annotations }, status: { addresses: [{ address: '10.0.0.1' }] } },
      ])
      expect(nodes).toHaveLength(1)
    }
  })

  it('is a node by itself, too', () => {
    expect(load(calico).resources.nodes).toMatchObject([{ apiVersion: 'v1', metadata: { annotations } }])
  })
})

describe('secrets', () => {
  const hidden = 'hunter2'
  it.each([
    [
      'a Secret',
      `apiVersion: v1\nkind: Secret\nmetadata: {name: s, labels: {a: ${hidden}}}\nstringData: {p: ${hidden}}`,
    ],
    ['a ConfigMap of somebody else', `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\ndata: {p: ${hidden}}`],
    [
      'a DaemonSet of somebody else',
      `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: app}\nspec: {template: {spec: {containers: [{name: a, env: [{name: P, value: ${hidden}}]}]}}}`,
    ],
    [
      'the environment of a pod',
      `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, env: [{name: P, value: ${hidden}}], command: [${hidden}]}]}`,
    ],
    [
      'managedFields',
      `apiVersion: v1\nkind: Pod\nmetadata: {name: p, managedFields: [{manager: ${hidden}}]}\nspec: {}`,
    ],
    ['a kind that is not read', `apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: t}\nspec: {p: ${hidden}}`],
  ])('%s is not kept', (_, text) => {
    expect(JSON.stringify(load(text))).not.toContain(hidden)
  })

  it('what the environment says to the calico-node container is kept, to the others not', () => {
    const text = `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: calico-node}\nspec: {template: {spec: {containers: [{name: calico-node, env: [{name: IP, value: autodetect}, {name: S, valueFrom: {secretKeyRef: {name: ${hidden}}}}]}, {name: side, env: [{name: P, value: ${hidden}}]}]}}}`
    const kept = JSON.stringify(load(text))
    expect(kept).toContain('autodetect')
    expect(kept).not.toContain(hidden)
  })
})

it('a syntax error in one text does not hide those of the next', () => {
  const texts = [
    { name: 'a.yaml', text: 'a: [' },
    { name: 'b.yaml', text: 'b: "' },
  ]
  expect(() => loadResources(texts)).toThrow(/a\.yaml:1:.*\n.*b\.yaml:1:/)
})
