import { describe, expect, it } from 'vitest'
import { Lab, type Run } from '../../src/index.ts'
import type { Network, RuleMeaning, Target } from '../../src/model/index.ts'
import { decisionsOf, decisionWords } from '../../src/trace/index.ts'
import { filterTable, guarded, rule, SVC } from '../trace/firewall.ts'
import { POD_B } from '../trace/two-nodes.ts'
import { changed, labOf, type Thing } from './policy-snippets.ts'

const kubernetes = (namespace: string, name: string, spec: object): Thing => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { namespace, name },
  spec: { ...spec },
})
const calico = (kind: string, name: string, spec: object, namespace?: string): Thing => ({
  apiVersion: 'projectcalico.org/v3',
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  spec: { ...spec },
})
/** An administrator's policy of everybody in a namespace, in the last release that reads v1alpha1, or the first of v1alpha2. */
const admin = (kind: string, name: string, spec: object): readonly Thing[] => {
  const isNew = kind === 'ClusterNetworkPolicy'
  return [
    calico('ClusterInformation', 'default', { calicoVersion: isNew ? 'v3.32.1' : 'v3.31.0' }),
    { apiVersion: `policy.networking.k8s.io/v1alpha${isNew ? 2 : 1}`, kind, metadata: { name }, spec: { ...spec } },
  ]
}
const of = (namespace: string) => ({
  namespaces: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
})
const ALL_PODS = { namespaces: {} }
const DB = { podSelector: { matchLabels: { app: 'db' } } }
const SERVICE: Thing = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: 'shop', name: 'db' },
  spec: { clusterIP: '10.96.0.7', selector: { app: 'db' }, ports: [{ port: 5432, targetPort: 5432 }] },
}

interface Case {
  readonly name: string
  readonly objects: readonly Thing[]
  readonly ask: (lab: Lab) => Run
  readonly code: string
  readonly says?: RegExp
  readonly yaml?: string
  readonly check: string
}

const tcp = (from: string, to: string, port: number) => (lab: Lab) => lab.tcp(from, to, port)
const lines = (...all: string[]): string => all.join('\n')

const CASES: readonly Case[] = [
  {
    name: 'a policy of Kubernetes isolates the pod, the peer is in its namespace',
    objects: [kubernetes('shop', 'deny', { ...DB, policyTypes: ['Ingress'] })],
    ask: tcp('shop/api-0', 'shop/db-0', 5432),
    code: 'policy_ends',
    says: /There the packet was tcp 10\.65\.1\.5:\d+ → 10\.65\.2\.7:5432/,
    yaml: lines(
      '- from:',
      '    - podSelector:',
      '        matchLabels:',
      '          app: api',
      '  ports:',
      '    - protocol: TCP',
      '      port: 5432',
    ),
    check: 'kubectl get networkpolicy -n shop deny -o yaml',
  },
  {
    name: 'the peer is in another namespace; labels that controllers draw are left out',
    objects: [kubernetes('web', 'out', { podSelector: {}, policyTypes: ['Egress'] })],
    ask: tcp('web/front-0', 'shop/db-0', 5432),
    code: 'policy_ends',
    yaml: lines(
      '- to:',
      '    - namespaceSelector:',
      '        matchLabels:',
      '          kubernetes.io/metadata.name: shop',
      '      podSelector:',
      '        matchLabels:',
      '          app: db',
      '  ports:',
      '    - protocol: TCP',
      '      port: 5432',
    ),
    check: 'kubectl get networkpolicy -n web out -o yaml',
  },
  {
    name: 'a ping: Kubernetes cannot name ICMP; a peer without labels',
    objects: [kubernetes('shop', 'deny', { ...DB, policyTypes: ['Ingress'] })],
    ask: (lab) => lab.ping('web/bare-0', 'shop/db-0'),
    code: 'policy_ends',
    yaml: lines(
      '- from:',
      '    - namespaceSelector:',
      '        matchLabels:',
      '          kubernetes.io/metadata.name: web',
      '      podSelector: {}',
    ),
    check: 'kubectl get networkpolicy -n shop deny -o yaml',
  },
  {
    name: 'the peer is no pod',
    objects: [kubernetes('shop', 'out', { podSelector: {}, policyTypes: ['Egress'] })],
    ask: tcp('shop/api-0', '8.8.8.8', 443),
    code: 'policy_ends',
    yaml: lines(
      '- to:',
      '    - ipBlock:',
      '        cidr: 8.8.8.8/32',
      '  ports:',
      '    - protocol: TCP',
      '      port: 443',
    ),
    check: 'kubectl get networkpolicy -n shop out -o yaml',
  },
  {
    name: 'DNS is forgotten',
    objects: [kubernetes('shop', 'out', { podSelector: {}, policyTypes: ['Egress'] })],
    ask: (lab) => lab.udp('shop/api-0', 'kube-system/coredns-0', 53),
    code: 'policy_ends',
    says: /must let DNS \(UDP and TCP 53\) out as well/,
    yaml: lines(
      '- to:',
      '    - namespaceSelector:',
      '        matchLabels:',
      '          kubernetes.io/metadata.name: kube-system',
      '      podSelector:',
      '        matchLabels:',
      '          k8s-app: kube-dns',
      '  ports:',
      '    - protocol: UDP',
      '      port: 53',
      '    - protocol: TCP',
      '      port: 53',
    ),
    check: 'kubectl get networkpolicy -n shop out -o yaml',
  },
  {
    name: 'DNS is forgotten: Calico says it in two rules',
    objects: [calico('NetworkPolicy', 'out', { selector: 'all()', types: ['Egress'] }, 'shop')],
    ask: (lab) => lab.udp('shop/api-0', 'kube-system/coredns-0', 53),
    code: 'policy_ends',
    says: /must let DNS \(UDP and TCP 53\) out as well/,
    yaml: lines(
      ...['UDP', 'TCP'].flatMap((protocol) => [
        '- action: Allow',
        `  protocol: ${protocol}`,
        '  destination:',
        `    selector: "k8s-app == 'kube-dns'"`,
        `    namespaceSelector: "projectcalico.org/name == 'kube-system'"`,
        '    ports:',
        '      - 53',
      ]),
    ),
    check: 'calicoctl get networkpolicy -n shop out -o yaml',
  },
  {
    name: 'an AdminNetworkPolicy denies what comes in',
    objects: admin('AdminNetworkPolicy', 'guard', {
      priority: 10,
      subject: of('shop'),
      ingress: [{ action: 'Deny', from: [ALL_PODS] }],
    }),
    ask: tcp('web/front-0', 'shop/db-0', 5432),
    code: 'policy_denies',
    yaml: lines(
      '- action: Allow',
      '  from:',
      '    - pods:',
      '        namespaceSelector:',
      '          matchLabels:',
      '            kubernetes.io/metadata.name: web',
      '        podSelector:',
      '          matchLabels:',
      '            app: front',
      '            tier: one',
      '  ports:',
      '    - portNumber:',
      '        protocol: TCP',
      '        port: 5432',
    ),
    check: 'kubectl get adminnetworkpolicy guard -o yaml',
  },
  {
    name: 'an AdminNetworkPolicy denies what goes out of the cluster, behind a rule that does not match',
    objects: admin('AdminNetworkPolicy', 'no-internet', {
      priority: 10,
      subject: of('shop'),
      egress: [
        { action: 'Allow', to: [of('web')] },
        { action: 'Deny', to: [{ networks: ['0.0.0.0/0'] }] },
      ],
    }),
    ask: tcp('shop/api-0', '8.8.8.8', 443),
    code: 'policy_denies',
    yaml: lines(
      '- action: Allow',
      '  to:',
      '    - networks:',
      '        - 8.8.8.8/32',
      '  ports:',
      '    - portNumber:',
      '        protocol: TCP',
      '        port: 443',
    ),
    check: 'kubectl get adminnetworkpolicy no-internet -o yaml',
  },
  {
    name: 'a BaselineAdminNetworkPolicy denies names',
    objects: admin('BaselineAdminNetworkPolicy', 'default', {
      subject: of('shop'),
      egress: [{ action: 'Deny', to: [ALL_PODS] }],
    }),
    ask: (lab) => lab.udp('shop/api-0', 'kube-system/coredns-0', 53),
    code: 'policy_denies',
    yaml: lines(
      '- action: Allow',
      '  to:',
      '    - pods:',
      '        namespaceSelector:',
      '          matchLabels:',
      '            kubernetes.io/metadata.name: kube-system',
      '        podSelector:',
      '          matchLabels:',
      '            k8s-app: kube-dns',
      '  ports:',
      ...['UDP', 'TCP'].flatMap((protocol) => [
        '    - portNumber:',
        `        protocol: ${protocol}`,
        '        port: 53',
      ]),
    ),
    check: 'kubectl get baselineadminnetworkpolicy default -o yaml',
  },
  {
    name: 'a ClusterNetworkPolicy of administrators denies what comes in; a peer without labels',
    objects: admin('ClusterNetworkPolicy', 'guard', {
      tier: 'Admin',
      priority: 10,
      subject: of('shop'),
      ingress: [{ action: 'Deny', from: [ALL_PODS] }],
    }),
    ask: tcp('web/bare-0', 'shop/db-0', 5432),
    code: 'policy_denies',
    yaml: lines(
      '- action: Accept',
      '  from:',
      '    - pods:',
      '        namespaceSelector:',
      '          matchLabels:',
      '            kubernetes.io/metadata.name: web',
      '        podSelector: {}',
      '  protocols:',
      '    - tcp:',
      '        destinationPort:',
      '          number: 5432',
    ),
    check: 'kubectl get clusternetworkpolicy guard -o yaml',
  },
  {
    name: 'a ClusterNetworkPolicy of the baseline denies names',
    objects: admin('ClusterNetworkPolicy', 'base', {
      tier: 'Baseline',
      priority: 10,
      subject: of('shop'),
      egress: [{ action: 'Deny', to: [ALL_PODS] }],
    }),
    ask: (lab) => lab.udp('shop/api-0', 'kube-system/coredns-0', 53),
    code: 'policy_denies',
    yaml: lines(
      '- action: Accept',
      '  to:',
      '    - pods:',
      '        namespaceSelector:',
      '          matchLabels:',
      '            kubernetes.io/metadata.name: kube-system',
      '        podSelector:',
      '          matchLabels:',
      '            k8s-app: kube-dns',
      '  protocols:',
      ...['udp', 'tcp'].flatMap((name) => [`    - ${name}:`, '        destinationPort:', '          number: 53']),
    ),
    check: 'kubectl get clusternetworkpolicy base -o yaml',
  },
  {
    name: 'an administrators’ policy denies a ping: a rule without ports',
    objects: admin('ClusterNetworkPolicy', 'guard', {
      tier: 'Admin',
      priority: 10,
      subject: of('shop'),
      ingress: [{ action: 'Deny', from: [ALL_PODS] }],
    }),
    ask: (lab) => lab.ping('web/bare-0', 'shop/db-0'),
    code: 'policy_denies',
    yaml: lines(
      '- action: Accept',
      '  from:',
      '    - pods:',
      '        namespaceSelector:',
      '          matchLabels:',
      '            kubernetes.io/metadata.name: web',
      '        podSelector: {}',
    ),
    check: 'kubectl get clusternetworkpolicy guard -o yaml',
  },
  {
    name: 'a rule of Calico denies: the new one stands before it',
    objects: [
      calico(
        'NetworkPolicy',
        'no-api',
        {
          selector: "app == 'db'",
          types: ['Ingress'],
          ingress: [{ action: 'Allow', protocol: 'UDP' }, { action: 'Deny' }],
        },
        'shop',
      ),
    ],
    ask: tcp('shop/api-0', 'shop/db-0', 5432),
    code: 'policy_denies',
    yaml: lines(
      '- action: Allow',
      '  protocol: TCP',
      '  source:',
      `    selector: "app == 'api'"`,
      '  destination:',
      '    ports:',
      '      - 5432',
    ),
    check: 'calicoctl get networkpolicy -n shop no-api -o yaml',
  },
  {
    name: 'a policy names the address of a Service',
    objects: [
      SERVICE,
      kubernetes('shop', 'out', {
        podSelector: {},
        policyTypes: ['Egress'],
        egress: [{ to: [{ ipBlock: { cidr: '10.96.0.0/16' } }] }],
      }),
    ],
    ask: tcp('shop/api-0', '10.96.0.7', 5432),
    code: 'policy_ends',
    says: /translated before: destination by svc\/shop\/db:5432; shop\/out egress rule 1 names 10\.96\.0\.7, the address of a Service/,
    check: 'kubectl get networkpolicy -n shop out -o yaml',
  },
  {
    name: 'a tier without Pass',
    objects: [
      calico('Tier', 'platform', { order: 100 }),
      calico('GlobalNetworkPolicy', 'platform.base', {
        tier: 'platform',
        selector: "app == 'db'",
        types: ['Ingress'],
        ingress: [{ action: 'Allow', protocol: 'UDP' }],
      }),
    ],
    ask: tcp('web/front-0', 'shop/db-0', 5432),
    code: 'policy_ends',
    says: /tier platform ends with Deny and no rule of it has the action Pass/,
    yaml: lines(
      '- action: Allow',
      '  protocol: TCP',
      '  source:',
      `    selector: "app == 'front' && tier == 'one'"`,
      `    namespaceSelector: "projectcalico.org/name == 'web'"`,
      '  destination:',
      '    ports:',
      '      - 5432',
    ),
    check: 'calicoctl get globalnetworkpolicy platform.base -o yaml',
  },
  {
    name: 'only staged policies allow it',
    objects: [
      kubernetes('shop', 'deny', { ...DB, policyTypes: ['Ingress'] }),
      calico(
        'StagedNetworkPolicy',
        'soon',
        { selector: "app == 'db'", types: ['Ingress'], ingress: [{ action: 'Allow' }] },
        'shop',
      ),
    ],
    ask: tcp('shop/api-0', 'shop/db-0', 5432),
    code: 'policy_ends',
    says: /StagedNetworkPolicy shop\/soon would be asked, too, but staged policies are never enforced/,
    check: 'kubectl get networkpolicy -n shop deny -o yaml',
  },
]

describe('a packet that policy refuses', () => {
  it.each(CASES)('$name: the cause, and a change that lets it through', ({ objects, ask, code, says, yaml, check }) => {
    const { trace } = ask(labOf(...objects))
    const [finding] = trace.findings
    expect(finding).toMatchObject({ code })
    expect(finding?.seen).toMatch(/^There the packet was /)
    expect(`${finding?.seen}; ${finding?.because ?? ''}`).toMatch(says ?? /^There the packet was/)
    expect(finding?.because ?? '').not.toContain('There the packet was')
    // A ground of which nothing is said is no field.
    expect(finding?.because).not.toBe('')
    if (yaml !== undefined) expect(finding?.change?.yaml).toBe(yaml)
    expect(finding?.checks).toContain(check)
    expect(ask(labOf(...changed(objects, finding!.change!))).trace, 'after the change').toMatchObject({
      findings: [],
      ok: true,
    })
  })
})

/** A rule at the front of FORWARD on the node of the asker. */
const forward = (meaning: RuleMeaning, target: Target): Network =>
  guarded({ n1: { tables: { filter: { chains: { FORWARD: { policy: 'ACCEPT', rules: [rule(meaning, target)] } } } } } })
const DROP: Target = { kind: 'DROP' }

describe('a packet that something else refuses', () => {
  it.each([
    {
      name: 'a profile',
      network: guarded({ n2: filterTable({ direction: 'ingress', endpoint: 'b', profile: 'Deny' }) }),
      code: 'profile_denies',
      check: 'calicoctl get profile -o yaml',
    },
    {
      name: 'a Service without endpoints',
      network: forward({ kind: 'no-backend', service: SVC, door: 'ClusterIP', local: false }, DROP),
      code: 'service_empty',
      check: 'kubectl get endpointslices -n shop -l kubernetes.io/service-name=db -o wide',
    },
    {
      name: 'a Service without endpoints on this node',
      network: forward({ kind: 'no-backend', service: SVC, door: 'NodePort', local: true }, DROP),
      code: 'service_empty',
      check: 'kubectl get service -n shop db -o yaml',
    },
    {
      name: 'a load balancer’s ranges',
      network: forward({ kind: 'source-range', service: SVC }, DROP),
      code: 'service_source',
      check: 'kubectl get service -n shop db -o yaml',
    },
    {
      name: 'the setting for pods and their own node',
      network: forward({ kind: 'endpoint-to-host', action: 'DROP' }, DROP),
      code: 'felix_refuses',
      check: 'calicoctl get felixconfiguration default -o yaml',
    },
    {
      name: 'a tunnel within a pod',
      network: forward({ kind: 'encapsulated' }, DROP),
      code: 'felix_refuses',
      check: 'iptables -t filter -L FORWARD -v -n   (on n1)',
    },
  ])('$name', ({ network, code, check }) => {
    const [finding] = Lab.fromNetwork(network).ping('a', POD_B).trace.findings
    expect(finding).toMatchObject({ code })
    expect(finding?.right).not.toBe('')
    expect(finding?.checks).toContain(check)
  })
})

describe('a Service without endpoints', () => {
  const service = (selector: object | undefined): Thing => ({ ...SERVICE, spec: { ...SERVICE.spec, selector } })
  const waiting: Thing = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'shop', name: 'new-0', labels: { app: 'new' } },
    spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'x' }] },
    status: { podIP: '10.65.1.9', phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] },
  }
  it.each([
    {
      name: 'no pod matches',
      objects: [service({ app: 'nobody' })],
      says: 'no pod of namespace shop has the labels of its selector, app=nobody',
    },
    {
      name: 'none is ready',
      objects: [service({ app: 'new' }), waiting],
      says: 'none of 1 pod of namespace shop with app=new is ready',
    },
    {
      name: 'no selector',
      objects: [service(undefined)],
      says: 'it has no selector, and no EndpointSlice with endpoints is given for it',
    },
  ])('says why: $name', ({ objects, says }) => {
    const [finding] = labOf(...objects).tcp('shop/api-0', '10.96.0.7', 5432).trace.findings
    expect(finding).toMatchObject({ code: 'service_empty' })
    expect(finding?.because).toContain(says)
  })
})

describe('a port of a node', () => {
  const hosted = (ports: object): Thing => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'shop', name: 'hosted-0', labels: { app: 'hosted' } },
    spec: { nodeName: 'n2', containers: [{ name: 'c', image: 'x', ports: [{ containerPort: 8080, ...ports }] }] },
    status: { podIP: '10.65.2.11', phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  })
  const nodePort = (selector: object): Thing => ({
    ...SERVICE,
    spec: { ...SERVICE.spec, type: 'NodePort', selector, ports: [{ port: 5432, nodePort: 30080 }] },
  })
  const config: Thing = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    metadata: { name: 'kube-proxy' },
    nodePortAddresses: ['172.17.0.11/32'],
  } as Thing

  it.each([
    {
      name: 'a hostPort of a pod on another node',
      objects: [hosted({ hostPort: 8088 })],
      to: 'node/n1',
      port: 8088,
      code: 'port_elsewhere',
      because: '8088 is a hostPort of shop/hosted-0: it is taken on n2, where it runs',
      right: 'Ask 172.17.0.12:8088; a nodePort of a Service is taken on every node',
      check: 'kubectl get pod -n shop hosted-0 -o wide',
    },
    {
      name: 'a hostPort at another address of the node',
      objects: [hosted({ hostPort: 8088, hostIP: '127.0.0.1' })],
      to: 'node/n2',
      port: 8088,
      code: 'port_elsewhere',
      because: '8088 is a hostPort of shop/hosted-0: it is taken only at 127.0.0.1',
      right: 'Ask 127.0.0.1:8088; a nodePort of a Service is taken on every node',
      check: 'kubectl get pod -n shop hosted-0 -o wide',
    },
    {
      name: 'a nodePort of a Service without endpoints',
      objects: [nodePort({ app: 'nobody' })],
      to: 'node/n1',
      port: 30080,
      code: 'service_empty',
      because:
        '30080 is the nodePort of svc/shop/db; no pod of namespace shop has the labels of its selector, app=nobody',
      right: 'svc/shop/db needs a pod that its selector matches, and that is ready',
      check: 'kubectl get service -n shop db -o yaml',
    },
    {
      name: 'a nodePort at an address where kube-proxy takes none',
      objects: [nodePort({ app: 'db' }), config],
      to: 'node/n2',
      port: 30080,
      code: 'port_elsewhere',
      because: '30080 is the nodePort of svc/shop/db, and kube-proxy takes ports of nodes at 172.17.0.11/32 only',
      right: 'Ask an address of the node that nodePortAddresses names',
      check: 'kubectl get configmap -n kube-system kube-proxy -o yaml',
    },
  ])('$name', ({ name: _, objects, to, port, check, ...found }) => {
    const run = labOf(...objects).tcp('web/front-0', to, port)
    expect(run.trace.findings[0]).toMatchObject(found)
    expect(run.trace.findings[0]?.checks).toContain(check)
  })

  it('that a pod in the network of the node listens at is answered', () => {
    const own: Thing = {
      ...hosted({}),
      spec: { nodeName: 'n1', hostNetwork: true, containers: [{ name: 'c', ports: [{ containerPort: 8088 }] }] },
      metadata: { namespace: 'shop', name: 'own-0' },
      status: { phase: 'Running' },
    }
    expect(labOf(hosted({ hostPort: 8088 }), own).tcp('web/front-0', 'node/n1', 8088).ok).toBe(true)
  })
})

describe('decisions on rules that Felix writes', () => {
  const TIER = calico('Tier', 'platform', { order: 100, defaultAction: 'Pass' })
  const POLICY = calico('GlobalNetworkPolicy', 'platform.base', {
    tier: 'platform',
    selector: "app == 'db'",
    types: ['Ingress'],
    ingress: [{ action: 'Deny', protocol: 'UDP' }],
  })
  const said = (...objects: readonly Thing[]): string[] =>
    decisionsOf(labOf(...objects).ping('shop/api-0', 'shop/db-0').trace).map(decisionWords)

  it('tell a pod that no policy selects from one whose policies passed the packet on', () => {
    expect(said()).toContain('profile: kns.shop ingress allows, no policy selects shop/db-0 for ingress')
    expect(said(TIER, POLICY)).toContain('profile: kns.shop ingress allows, policies passed it on')
  })
})
