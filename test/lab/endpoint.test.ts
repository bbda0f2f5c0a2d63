// The words people type for where a packet starts and ends: those of kubectl.
import { beforeAll, describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { InputError } from '../../src/model/index.ts'

interface PodSketch {
  readonly name: string
  readonly namespace?: string
  readonly node?: string
  readonly owner?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly ready?: boolean
  readonly phase?: string
  readonly hostNetwork?: boolean
  readonly created?: string
}

function pod(sketch: PodSketch): object {
  const {
    name,
    namespace = 'shop',
    node = 'w1',
    owner,
    labels,
    ready,
    phase = 'Running',
    hostNetwork,
    created,
  } = sketch
  const [kind, ownerName] = owner?.split('/') ?? []
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      ...(created === undefined ? {} : { creationTimestamp: created }),
      ...(labels === undefined ? {} : { labels }),
      ...(owner === undefined ? {} : { ownerReferences: [{ apiVersion: 'apps/v1', kind, name: ownerName, uid: 'x' }] }),
    },
    spec: { ...(node === '' ? {} : { nodeName: node }), ...(hostNetwork === true ? { hostNetwork } : {}) },
    status: {
      phase,
      ...(ready === undefined
        ? {}
        : {
            conditions: [
              { type: 'Initialized', status: 'True' },
              { type: 'Ready', status: ready ? 'True' : 'False' },
            ],
          }),
    },
  }
}

const hash = (value: string) => ({ 'pod-template-hash': value })
const PODS: readonly PodSketch[] = [
  {
    name: 'web-6d4c-aaaaa',
    owner: 'ReplicaSet/web-6d4c',
    labels: hash('6d4c'),
    ready: false,
    created: '2024-01-01T00:00:00Z',
  },
  {
    name: 'web-6d4c-bbbbb',
    owner: 'ReplicaSet/web-6d4c',
    labels: hash('6d4c'),
    ready: true,
    created: '2024-01-03T00:00:00Z',
  },
  {
    name: 'web-6d4c-ccccc',
    owner: 'ReplicaSet/web-6d4c',
    labels: hash('6d4c'),
    ready: true,
    created: '2024-01-02T00:00:00Z',
    node: 'w2.example.com',
  },
  { name: 'web-admin-77f9-ddddd', owner: 'ReplicaSet/web-admin-77f9', labels: hash('77f9'), ready: true },
  { name: 'old-0', owner: 'StatefulSet/old', phase: 'Succeeded' },
  { name: 'old-1', owner: 'StatefulSet/old', ready: false },
  { name: 'agent-x1x1x', owner: 'DaemonSet/agent', hostNetwork: true, node: 'w2.example.com' },
  { name: 'by-hand-7c9d8f6b5c-abcde' },
  { name: 'db-0', namespace: 'data' },
  { name: 'db-0', namespace: 'test' },
  { name: 'cache-0', namespace: 'data' },
  { name: 'twice-12345', namespace: 'data', owner: 'DaemonSet/twice' },
  { name: 'twice-67890', namespace: 'test', owner: 'DaemonSet/twice' },
  { name: 'late', node: '' },
  { name: 'done', phase: 'Succeeded' },
]

const OBJECTS = [
  {
    apiVersion: 'crd.projectcalico.org/v1',
    kind: 'IPPool',
    metadata: { name: 'p' },
    spec: { cidr: '10.8.0.0/16', ipipMode: 'Always' },
  },
  ...['w1', 'w2.example.com'].map((name, i) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, annotations: { 'projectcalico.org/IPv4Address': `172.20.0.${i + 1}/24` } },
  })),
  ...PODS.map(pod),
]

let lab: Lab
beforeAll(() => {
  lab = Lab.load(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: OBJECTS }))
})

describe('endpoints by the words of kubectl', () => {
  it.each([
    ['shop/web-6d4c-aaaaa', 'shop/web-6d4c-aaaaa'],
    ['pod/web-6d4c-aaaaa', 'shop/web-6d4c-aaaaa'],
    ['pods/web-6d4c-aaaaa', 'shop/web-6d4c-aaaaa'],
    ['po/shop/web-6d4c-aaaaa', 'shop/web-6d4c-aaaaa'],
    ['cache-0', 'data/cache-0'],
    ['w1', 'node/w1'],
    ['node/w1', 'node/w1'],
    ['nodes/w2.example.com', 'node/w2.example.com'],
    ['172.20.0.1', '172.20.0.1'],
    // the first ready pod, the older of two
    ['deploy/web', 'shop/web-6d4c-ccccc'],
    ['deployment/web', 'shop/web-6d4c-ccccc'],
    ['deployments.apps/web', 'shop/web-6d4c-ccccc'],
    ['Deployment/shop/web', 'shop/web-6d4c-ccccc'],
    ['rs/web-6d4c', 'shop/web-6d4c-ccccc'],
    ['deploy/web-admin', 'shop/web-admin-77f9-ddddd'],
    // what has ended is none; what is not ready is better than none
    ['sts/old', 'shop/old-1'],
    // without owners the name says it
    ['deploy/by-hand', 'shop/by-hand-7c9d8f6b5c-abcde'],
    ['sts/data/db', 'data/db-0'],
    ['ds/test/twice', 'test/twice-67890'],
  ])('%s is %s', (word, label) => {
    const found = lab.endpoint(word)
    expect(found.label).toBe(label)
    expect(lab.endpoint(found.label)).toEqual(found)
  })

  it.each([
    ['db-0', 'data', 'data/db-0'],
    ['pod/db-0', 'test', 'test/db-0'],
    ['ds/twice', 'data', 'data/twice-12345'],
    ['shop/old-1', 'data', 'shop/old-1'],
    ['w1', 'data', 'node/w1'],
  ])('%s with -n %s is %s', (word, namespace, label) => {
    expect(lab.endpoint(word, namespace).label).toBe(label)
  })

  it.each(['shop/agent-x1x1x', 'agent-x1x1x', 'pod/agent-x1x1x', 'ds/agent'])(
    '%s, a pod of the host network, is where its node is',
    (word) => {
      expect(lab.endpoint(word)).toEqual({ ...lab.endpoint('node/w2.example.com'), label: 'shop/agent-x1x1x' })
    },
  )

  it.each([
    ['db-0', undefined, 'one of data/db-0, test/db-0'],
    ['ds/twice', undefined, 'a namespace before the name: one of data, test'],
    ['pod/chache-0', 'data', 'a pod of namespace data; did you mean "cache-0"?'],
    ['cach-0', undefined, 'NAMESPACE/POD, svc/NAMESPACE/NAME, node/NAME or an address; did you mean "data/cache-0"?'],
    ['node/w3', undefined, 'did you mean "node/w1"?'],
    ['deploy/nope', 'shop', 'the name of a Deployment with pods in namespace shop'],
    ['deplyo/shop/web', undefined, 'KIND/NAMESPACE/NAME; did you mean "deploy"?'],
    ['late', undefined, 'received "late", which is on no node'],
    ['shop/done', undefined, 'received "shop/done", which has ended (Succeeded)'],
    ['constructor', undefined, 'NAMESPACE/POD'],
    ['__proto__/x', undefined, 'NAMESPACE/POD'],
  ])('%s with -n %s is refused: %s', (word, namespace, message) => {
    expect(() => lab.endpoint(word, namespace)).toThrow(InputError)
    expect(() => lab.endpoint(word, namespace)).toThrow(message)
  })

  it('a ping may start and end at them', () => {
    expect(lab.ping('deploy/web', 'ds/agent').ok).toBe(true)
    expect(lab.tcp('sts/old', 'deploy/web-admin', 80, { ttl: 2 }).ok).toBe(true)
    expect(lab.tcp('deploy/web', 'deploy/web-admin', 80, { ttl: 1 }).ok).toBe(false)
  })
})
