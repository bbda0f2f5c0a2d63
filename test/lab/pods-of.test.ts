// `deploy/NAME` and its like are the pods that the object's selector selects, the first of them as kubectl picks it.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'

interface Sketch {
  readonly labels?: object
  readonly owner?: string
  readonly status?: object
  readonly metadata?: object
  readonly namespace?: string
}

const pod = (name: string, { labels = {}, owner, status = {}, metadata = {}, namespace = 'shop' }: Sketch): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace,
    labels,
    ...(owner === undefined
      ? {}
      : { ownerReferences: [{ kind: owner.split('/')[0], name: owner.split('/')[1] as string }] }),
    ...metadata,
  },
  spec: { nodeName: 'w1' },
  status: { phase: 'Running', ...status },
})

const workload = (kind: string, name: string, selector: object | undefined, metadata: object = {}): object => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name, namespace: 'shop', ...metadata },
  spec: selector === undefined ? {} : { selector },
})

function lab(...objects: readonly object[]): Lab {
  const spec = { cidr: '10.8.0.0/16', ipipMode: 'Always' }
  const items = [
    { apiVersion: 'crd.projectcalico.org/v1', kind: 'IPPool', metadata: { name: 'p' }, spec },
    {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'w1', annotations: { 'projectcalico.org/IPv4Address': '172.20.0.1/24' } },
    },
    ...objects,
  ]
  return Lab.load(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
}

const ready = (since?: string, restartCount = 0): Sketch => ({
  labels: { app: 'web' },
  status: {
    conditions: [{ type: 'Ready', status: 'True', ...(since === undefined ? {} : { lastTransitionTime: since }) }],
    containerStatuses: [{ restartCount }],
  },
})
const unready: Sketch = { labels: { app: 'web' }, status: { conditions: [{ type: 'Ready', status: 'False' }] } }
const WEB = workload('Deployment', 'web', { matchLabels: { app: 'web' } })

describe('pods of a controller', () => {
  it.each<[string, string, readonly object[], string]>([
    [
      'by labels, whatever the pods are called and whoever owns them',
      'deploy/web',
      [WEB, pod('web-6d4c9-aaaaa', { owner: 'ReplicaSet/web-6d4c9' }), pod('z', { labels: { app: 'web' } })],
      'shop/z',
    ],
    [
      'in its own namespace only',
      'deploy/web',
      [WEB, pod('a', { ...ready(), namespace: 'other' }), pod('b', ready())],
      'shop/b',
    ],
    [
      'every expression counts',
      'ds/agent',
      [
        workload('DaemonSet', 'agent', {
          matchLabels: { app: 'agent' },
          matchExpressions: [
            { key: 'tier', operator: 'In', values: ['x', 'y'] },
            { key: 'old', operator: 'DoesNotExist' },
            { key: 'zone', operator: 'NotIn', values: ['b'] },
            { key: 'env', operator: 'Exists' },
          ],
        }),
        pod('a', { labels: { app: 'agent', tier: 'z', env: '' } }),
        pod('b', { labels: { app: 'agent', tier: 'x', env: '', old: '' } }),
        pod('c', { labels: { app: 'agent', tier: 'x', env: '', zone: 'b' } }),
        pod('d', { labels: { app: 'agent', tier: 'x' } }),
        pod('e', { labels: { app: 'other', tier: 'x', env: '' } }),
        pod('f', { labels: { app: 'agent', tier: 'y', env: '' } }),
      ],
      'shop/f',
    ],
    [
      'a StatefulSet',
      'sts/db',
      [workload('StatefulSet', 'db', { matchLabels: { app: 'db' } }), pod('x', { labels: { app: 'db' } })],
      'shop/x',
    ],
    [
      'a ReplicaSet',
      'rs/web-1',
      [
        workload('ReplicaSet', 'web-1', { matchLabels: { 'pod-template-hash': '1' } }),
        pod('x', { labels: { 'pod-template-hash': '1' } }),
      ],
      'shop/x',
    ],
    [
      'without the Deployment: its ReplicaSet names it',
      'deploy/shop',
      [
        workload('ReplicaSet', 'renamed', undefined, { ownerReferences: [{ kind: 'Deployment', name: 'shop' }] }),
        workload('ReplicaSet', 'shop-1', undefined, { ownerReferences: [{ kind: 'Deployment', name: 'other' }] }),
        pod('a', { owner: 'ReplicaSet/shop-1' }),
        pod('b', { owner: 'ReplicaSet/renamed' }),
      ],
      'shop/b',
    ],
    ['ready before not ready', 'deploy/web', [WEB, pod('a', unready), pod('b', ready())], 'shop/b'],
    [
      'running before pending',
      'deploy/web',
      [WEB, pod('a', { ...unready, status: { phase: 'Pending' } }), pod('b', unready)],
      'shop/b',
    ],
    [
      'not being deleted',
      'deploy/web',
      [WEB, pod('a', { ...ready(), metadata: { deletionTimestamp: '2024-01-01T00:00:00Z' } }), pod('b', ready())],
      'shop/b',
    ],
    [
      'ready for longer',
      'deploy/web',
      [WEB, pod('a', ready('2024-02-01T00:00:00Z')), pod('b', ready('2024-01-01T00:00:00Z')), pod('c', ready())],
      'shop/b',
    ],
    ['fewer restarts', 'deploy/web', [WEB, pod('a', ready(undefined, 3)), pod('b', ready())], 'shop/b'],
    [
      'older',
      'deploy/web',
      [
        WEB,
        pod('a', { ...ready(), metadata: { creationTimestamp: '2024-01-02T00:00:00Z' } }),
        pod('b', { ...ready(), metadata: { creationTimestamp: '2024-01-01T00:00:00Z' } }),
      ],
      'shop/b',
    ],
  ])('%s: %s', (_name, word, objects, label) => {
    expect(lab(...objects).endpoint(word).label).toBe(label)
  })

  it('a Deployment that selects nobody has no pod, whatever pods are called', () => {
    const objects = [WEB, pod('web-6d4c9f-aaaaa', { owner: 'ReplicaSet/web-6d4c9f', labels: { app: 'x' } })]
    expect(() => lab(...objects).endpoint('deploy/web')).toThrow(/the name of a Deployment with pods/)
  })

  it('a selector that is none is refused with its place', () => {
    const wrong = workload('Deployment', 'web', { matchExpressions: [{ key: 'a', operator: 'Is' }] })
    expect(() => lab(wrong)).toThrow(/Deployment\/shop\/web.*matchExpressions.*operator/s)
  })
})
