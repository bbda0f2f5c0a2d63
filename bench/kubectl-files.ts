import { closeSync, openSync, writeSync } from 'node:fs'
import { stringify } from 'yaml'

/** How a file says its objects. */
export type FileForm = 'json' | 'yaml'

/** A cluster as `kubectl get … -A -o json` or `-o yaml` writes it. */
export interface KubectlFile {
  /** JSON with four blanks a level, or YAML with two. */
  readonly form: FileForm
  /** Nodes. */
  readonly nodes: number
  /** Pods. */
  readonly pods: number
  /** Whether pods have all that an API server lists, some 6 KB, or only what a cluster is built of. */
  readonly isFull: boolean
}

const POD = 'POD'

/** Addresses are dealt out from here, one by one. */
function address(network: number, index: number): string {
  const n = network + index
  return [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join('.')
}

const NODE_NETWORK = 0xac100002 // 172.16.0.2
const POD_NETWORK = 0x0a400000 // 10.64.0.0

/** A number as twelve digits to the base of sixteen, mixed so that neighbours differ. */
function mixed(index: number): string {
  return (Math.imul(index + 1, 0x9e3779b1) >>> 0).toString(16).padStart(12, '0')
}

/** What stands for a pod's own words in the text that all pods share. */
const OWN = {
  name: `${POD}-name`,
  uid: `${POD}-uid`,
  node: `${POD}-node`,
  group: `${POD}-group`,
  ip: `${POD}-ip`,
  hostIP: `${POD}-host`,
} as const

type Own = Readonly<Record<keyof typeof OWN, string>>

function ownOf(index: number, nodes: number): Own {
  return {
    name: `web-${index}`,
    uid: `6f1d0c5e-8a44-4f0b-9d2e-${mixed(index)}`,
    node: `node-${index % nodes}`,
    group: `g${index % 1000}`,
    ip: address(POD_NETWORK, index),
    hostIP: address(NODE_NETWORK, index % nodes),
  }
}

function smallPod(): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { labels: { app: 'web', group: OWN.group }, name: OWN.name, namespace: 'default' },
    spec: { nodeName: OWN.node },
    status: { phase: 'Running' },
  }
}

const TIME = '2024-05-14T09:12:44Z'
const LABELS = { app: 'web', 'app.kubernetes.io/part-of': 'shop', group: OWN.group, 'pod-template-hash': '7d9c6b8f5c' }

function condition(type: string): object {
  return { lastProbeTime: null, lastTransitionTime: TIME, status: 'True', type }
}

function container(name: string): object {
  const image = `registry.example.com/shop/${name}:v1.14.2`
  return {
    args: ['--listen=0.0.0.0:8080', '--log-level=info'],
    env: [
      { name: 'DATABASE_URL', value: 'postgres://db.shop.svc.cluster.local:5432/shop?sslmode=require' },
      { name: 'GREETING', value: 'It\'s "quoted": { [ and # more ] }' },
    ],
    image,
    imagePullPolicy: 'IfNotPresent',
    name,
    ports: [{ containerPort: 8080, name: 'http', protocol: 'TCP' }],
    resources: { requests: { cpu: '100m', memory: '128Mi' } },
    volumeMounts: [
      { mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', name: 'kube-api-access-x7k2p', readOnly: true },
    ],
  }
}

/** The fields a manager of fields lists, as an API server keeps them. */
function managed(manager: string): object {
  return {
    apiVersion: 'v1',
    fieldsType: 'FieldsV1',
    fieldsV1: {
      'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
      'f:spec': { 'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:image': {} } } },
    },
    manager,
    operation: 'Update',
    time: TIME,
  }
}

function fullPod(): object {
  const spec = { containers: [container('web')] }
  const applied = { apiVersion: 'v1', kind: 'Pod', metadata: { labels: LABELS, namespace: 'default' }, spec }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `${JSON.stringify(applied)}\n` },
      creationTimestamp: TIME,
      generateName: 'web-7d9c6b8f5c-',
      labels: LABELS,
      managedFields: [managed('kube-controller-manager')],
      name: OWN.name,
      namespace: 'default',
      ownerReferences: [{ apiVersion: 'apps/v1', controller: true, kind: 'ReplicaSet', name: 'web-7d9c6b8f5c' }],
      resourceVersion: '48213377',
      uid: OWN.uid,
    },
    spec: {
      ...spec,
      dnsPolicy: 'ClusterFirst',
      nodeName: OWN.node,
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
      serviceAccountName: 'default',
      tolerations: [{ effect: 'NoExecute', key: 'node.kubernetes.io/not-ready', operator: 'Exists' }],
      volumes: [{ name: 'kube-api-access-x7k2p', projected: { defaultMode: 420 } }],
    },
    status: {
      conditions: ['Initialized', 'Ready', 'PodScheduled'].map(condition),
      containerStatuses: [
        {
          containerID: `containerd://${'4f2a9c'.repeat(10)}`,
          image: 'registry.example.com/shop/web:v1.14.2',
          imageID: `registry.example.com/shop/web@sha256:${'c0ffee'.repeat(10)}`,
          name: 'web',
          ready: true,
          restartCount: 0,
          state: { running: { startedAt: TIME } },
        },
      ],
      hostIP: OWN.hostIP,
      phase: 'Running',
      podIP: OWN.ip,
      podIPs: [{ ip: OWN.ip }],
      qosClass: 'Burstable',
      startTime: TIME,
    },
  }
}

function nodeOf(index: number): object {
  const ip = address(NODE_NETWORK, index)
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { annotations: { 'projectcalico.org/IPv4Address': `${ip}/16` }, name: `node-${index}` },
    status: { addresses: [{ address: ip, type: 'InternalIP' }] },
  }
}

const SETTINGS: readonly object[] = [
  {
    apiVersion: 'projectcalico.org/v3',
    kind: 'IPPool',
    metadata: { name: 'default-ipv4-ippool' },
    spec: { blockSize: 26, cidr: '10.64.0.0/10', ipipMode: 'Always', natOutgoing: true, vxlanMode: 'Never' },
  },
  {
    apiVersion: 'v1',
    data: { calico_backend: 'bird', veth_mtu: '1440' },
    kind: 'ConfigMap',
    metadata: { name: 'calico-config', namespace: 'kube-system' },
  },
]

/** YAML as kubectl writes it: lists no further in than their key, times in quotes. */
function yamlOf(object: object): string {
  const text = stringify(object, { indentSeq: false, aliasDuplicateObjects: false })
  return text.trimEnd().replaceAll(`: ${TIME}`, `: "${TIME}"`)
}

/** An object as an item of the list. */
function itemText(form: FileForm, object: object): string {
  if (form === 'yaml') return `- ${yamlOf(object).replaceAll('\n', '\n  ')}\n`
  return `        ${JSON.stringify(object, null, 4).replaceAll('\n', '\n        ')}`
}

const FRAME = {
  json: [
    '{\n    "apiVersion": "v1",\n    "items": [\n',
    '\n    ],\n    "kind": "List",\n    "metadata": {\n        "resourceVersion": ""\n    }\n}\n',
  ],
  yaml: ['apiVersion: v1\nitems:\n', 'kind: List\nmetadata:\n  resourceVersion: ""\n'],
} as const

/** The items of a file, one by one; each pod is the same text with words of its own. */
function* items({ form, nodes, pods, isFull }: KubectlFile): Generator<string> {
  for (const object of SETTINGS) yield itemText(form, object)
  for (let i = 0; i < nodes; i++) yield itemText(form, nodeOf(i))
  const parts = itemText(form, isFull ? fullPod() : smallPod()).split(/POD-([a-zA-Z]+)/)
  const words = new Map(Object.entries(OWN).map(([key, mark]) => [mark.slice(POD.length + 1), key as keyof Own]))
  for (let i = 0; i < pods; i++) {
    const own = ownOf(i, nodes)
    yield parts.map((part, at) => (at % 2 === 0 ? part : own[words.get(part) as keyof Own])).join('')
  }
}

/** Writes such a file; the same arguments give the same bytes. Gives its length. */
export function writeKubectlFile(path: string, file: KubectlFile): number {
  const between = file.form === 'json' ? ',\n' : ''
  const [head, tail] = FRAME[file.form]
  const fd = openSync(path, 'w')
  let length = 0
  let text: string = head
  const flush = (): void => {
    length += writeSync(fd, text)
    text = ''
  }
  let isFirst = true
  for (const item of items(file)) {
    text += isFirst ? item : between + item
    isFirst = false
    if (text.length > 1 << 20) flush()
  }
  text += tail
  flush()
  closeSync(fd)
  return length
}
