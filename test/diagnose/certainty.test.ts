// A flow is undecided exactly when something that is not modelled could turn its answer.
import { describe, expect, it } from 'vitest'
import { TOPICS } from '../../src/cli/choices.ts'
import { Lab } from '../../src/lab/index.ts'
import { NOTE_TOPICS, type NoteTopic } from '../../src/model/index.ts'
import type { Run } from '../../src/shell/index.ts'

const BASE = `
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: 10.2.0.11}]}
---
apiVersion: v1
kind: Node
metadata: {name: n2}
status: {addresses: [{type: InternalIP, address: 10.2.0.12}]}
---
apiVersion: projectcalico.org/v3
kind: IPPool
metadata: {name: pool}
spec: {cidr: 192.168.0.0/16, vxlanMode: CrossSubnet, natOutgoing: true}
---
apiVersion: v1
kind: Namespace
metadata: {name: default}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: a}}
---
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: default, labels: {app: a}}
spec: {nodeName: n1, containers: [{name: c, image: x}]}
---
apiVersion: v1
kind: Pod
metadata: {name: b, namespace: shop, labels: {app: b}}
spec: {nodeName: n2, containers: [{name: c, image: x}]}
---
apiVersion: v1
kind: Pod
metadata: {name: c, namespace: shop, labels: {app: c}}
spec: {nodeName: n2, serviceAccountName: cook, containers: [{name: c, image: x}]}
`

const lab = (extra: string, ignore?: readonly NoteTopic[]): Lab =>
  Lab.load(`${BASE}---\n${extra}`, ignore === undefined ? {} : { ignore })

const undecided = (run: Run): string[] => run.notes.filter((one) => one.effect === 'undecided').map((one) => one.code)

function calico(kind: string, namespace: string | undefined, spec: string): string {
  const where = namespace === undefined ? '' : `, namespace: ${namespace}`
  return `{apiVersion: projectcalico.org/v3, kind: ${kind}, metadata: {name: p${where}}, spec: ${spec}}`
}

function kubernetes(spec: string): string {
  return `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: shop}, spec: ${spec}}`
}

function admin(kind: string, spec: string): string {
  return `{apiVersion: policy.networking.k8s.io/v1alpha1, kind: ${kind}, metadata: {name: p}, spec: ${spec}}`
}

/** A policy, the flows it denies, and flows it lets through; a = default/a on n1, b and c = shop/… on n2. */
const POLICIES: readonly [name: string, policy: string, denied: string[], others: string[]][] = [
  ['Kubernetes, all pods of shop', kubernetes('{podSelector: {}}'), ['a>b', 'c>b'], ['b>a', 'node/n1>a']],
  ['Kubernetes, one app', kubernetes('{podSelector: {matchLabels: {app: b}}}'), ['a>b'], ['a>c', 'b>a']],
  [
    'Kubernetes, an expression',
    kubernetes('{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [b]}]}}'),
    ['a>c'],
    ['a>b'],
  ],
  ['Kubernetes, egress', kubernetes('{podSelector: {}, policyTypes: [Egress]}'), ['b>a', 'b>c'], ['a>b']],
  [
    'Kubernetes, egress rules without types',
    kubernetes('{podSelector: {}, egress: [{}]}'),
    ['a>b'],
    ['b>a', 'node/n1>a'],
  ],
  ['a node to its own pod is never asked', kubernetes('{podSelector: {}}'), ['node/n1>b'], ['node/n2>b']],
  ['Calico, ingress by default', calico('NetworkPolicy', 'shop', "{selector: app == 'b'}"), ['a>b'], ['a>c', 'b>a']],
  [
    'Calico, egress rules only',
    calico('NetworkPolicy', 'default', '{egress: [{action: Allow}]}'),
    [],
    ['a>b', 'b>a', 'b>c'],
  ],
  [
    'Calico, service account',
    calico('NetworkPolicy', 'shop', "{serviceAccountSelector: projectcalico.org/name == 'cook'}"),
    ['a>c'],
    ['a>b'],
  ],
  [
    'global, by namespace',
    calico('GlobalNetworkPolicy', undefined, "{namespaceSelector: team == 'a'}"),
    ['a>b'],
    ['b>a'],
  ],
  [
    'global, of hosts without host endpoints',
    calico('GlobalNetworkPolicy', undefined, "{selector: '!has(projectcalico.org/namespace)'}"),
    [],
    ['a>b', 'node/n1>node/n2'],
  ],
  [
    'AdminNetworkPolicy',
    admin(
      'AdminNetworkPolicy',
      '{subject: {namespaces: {matchLabels: {team: a}}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}',
    ),
    ['a>b'],
    ['b>a'],
  ],
  [
    'BaselineAdminNetworkPolicy',
    admin(
      'BaselineAdminNetworkPolicy',
      '{subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: a}}}}, egress: [{action: Deny, to: [{namespaces: {}}]}]}',
    ),
    ['a>b'],
    ['b>a'],
  ],
  ['staged', calico('StagedGlobalNetworkPolicy', undefined, '{selector: all()}'), [], ['a>b', 'b>a']],
]

const NAMES: Readonly<Record<string, string>> = { a: 'default/a', b: 'shop/b', c: 'shop/c' }

function pinged(net: Lab, flow: string): Run {
  const [from = '', to = ''] = flow.split('>').map((name) => NAMES[name] ?? name)
  return net.ping(from, to)
}

/** Whether a flow passes, and what is left open. */
function answer(net: Lab, flow: string): [string, boolean, string[]] {
  const run = pinged(net, flow)
  return [flow, run.ok, undecided(run)]
}

/** A policy for pods of a service account that is not in the input: whom it selects nobody knows. */
const OPEN = calico('NetworkPolicy', 'shop', "{serviceAccountSelector: role == 'x'}")

describe('a policy decides what it selects', () => {
  it.each(POLICIES)('%s', (_name, policy, denied, others) => {
    const net = lab(policy)
    for (const flow of denied) expect(answer(net, flow)).toEqual([flow, false, []])
    for (const flow of others) expect(answer(net, flow)).toEqual([flow, true, []])
  })

  it('and leaves open whom labels of a service account select that nobody gave', () => {
    const net = lab(OPEN)
    for (const flow of ['a>b', 'a>c']) expect(answer(net, flow)).toEqual([flow, true, ['policy']])
    expect(answer(net, 'b>a')).toEqual(['b>a', true, []])
  })

  it('and leaves open what a rule takes by such labels, and what it asks of HTTP', () => {
    const account = lab(
      calico(
        'NetworkPolicy',
        'shop',
        "{ingress: [{action: Allow, source: {serviceAccounts: {selector: role == 'x'}}}]}",
      ),
    )
    expect(answer(account, 'a>b')).toEqual(['a>b', false, ['policy']])
    expect(answer(account, 'b>a')).toEqual(['b>a', true, []])
    const http = lab(calico('NetworkPolicy', 'shop', '{ingress: [{action: Allow, http: {methods: [GET]}}]}'))
    expect(answer(http, 'a>b')).toEqual(['a>b', true, ['policy']])
    expect(answer(http, 'b>a')).toEqual(['b>a', true, []])
  })

  it('and of a host endpoint what its node sends and receives', () => {
    const host =
      '{apiVersion: projectcalico.org/v3, kind: HostEndpoint, metadata: {name: h, labels: {role: host}}, spec: {node: n2, interfaceName: "*", profiles: [projectcalico-default-allow]}}'
    const net = lab(`${host}\n---\n${calico('GlobalNetworkPolicy', undefined, "{selector: role == 'host'}")}`)
    expect(answer(net, 'node/n1>node/n2')).toEqual(['node/n1>node/n2', false, []])
    expect(answer(net, 'a>b')).toEqual(['a>b', true, []])
  })

  it('and of automatic host endpoints, one a node and one a template', () => {
    const made = (spec: string): string =>
      `{apiVersion: projectcalico.org/v3, kind: KubeControllersConfiguration, metadata: {name: default}, spec: {controllers: {node: {hostEndpoint: ${spec}}}}}`
    const passes = (spec: string, selector: string): boolean => {
      const net = lab(`${made(spec)}\n---\n${calico('GlobalNetworkPolicy', undefined, `{selector: ${selector}}`)}`)
      return net.ping('node/n1', 'node/n2').ok
    }
    const whole = "projectcalico.org/created-by == 'calico-kube-controllers'"
    const template =
      "templates: [{generateName: t, interfacePattern: eth0, labels: {made: 'yes'}, nodeSelector: has(nothing)}]"
    expect(passes('{autoCreate: Disabled}', whole)).toBe(true)
    expect(passes('{autoCreate: Enabled}', whole)).toBe(false)
    expect(passes('{autoCreate: Enabled, createDefaultHostEndpoint: Disabled}', whole)).toBe(true)
    expect(passes(`{autoCreate: Enabled, ${template}}`, 'has(made)')).toBe(true)
    expect(passes(`{autoCreate: Enabled, ${template.replace('has(nothing)', 'all()')}}`, 'has(made)')).toBe(false)
  })

  it.each<[name: string, env: string, objects: string, denied: boolean]>([
    ['enabled', '{name: AUTO_HOST_ENDPOINTS, value: enabled}', '', true],
    ['in another spelling', '{name: AUTO_HOST_ENDPOINTS, value: Enabled}', '', true],
    ['not understood, which is named', '{name: AUTO_HOST_ENDPOINTS, value: "yes"}', '', true],
    ['disabled', '{name: AUTO_HOST_ENDPOINTS, value: disabled}', '', false],
    ['not there', '{name: LOG_LEVEL, value: info}', '', false],
    ['disabled, over the object', '{name: AUTO_HOST_ENDPOINTS, value: disabled}', 'Enabled', false],
    ['enabled, over the object', '{name: AUTO_HOST_ENDPOINTS, value: enabled}', 'Disabled', true],
    [
      'with the node controller',
      '{name: ENABLED_CONTROLLERS, value: "node,loadbalancer"}, {name: AUTO_HOST_ENDPOINTS, value: enabled}',
      '',
      true,
    ],
    [
      'without the node controller',
      '{name: ENABLED_CONTROLLERS, value: policy}, {name: AUTO_HOST_ENDPOINTS, value: enabled}',
      '',
      false,
    ],
    [
      'from a ConfigMap',
      '{name: AUTO_HOST_ENDPOINTS, valueFrom: {configMapKeyRef: {name: calico-config, key: auto}}}',
      '',
      true,
    ],
  ])('and of those that the environment of kube-controllers asks for: %s', (_name, env, autoCreate, denied) => {
    const net = lab(
      [
        `{apiVersion: apps/v1, kind: Deployment, metadata: {name: calico-kube-controllers, namespace: kube-system}, spec: {template: {spec: {containers: [{name: calico-kube-controllers, env: [${env}]}]}}}}`,
        '{apiVersion: v1, kind: ConfigMap, metadata: {name: calico-config, namespace: kube-system}, data: {auto: enabled}}',
        ...(autoCreate === ''
          ? []
          : [
              `{apiVersion: projectcalico.org/v3, kind: KubeControllersConfiguration, metadata: {name: default}, spec: {controllers: {node: {hostEndpoint: {autoCreate: ${autoCreate}}}}}}`,
            ]),
        calico('GlobalNetworkPolicy', undefined, "{selector: '!has(projectcalico.org/namespace)'}"),
      ].join('\n---\n'),
    )
    expect(answer(net, 'node/n1>node/n2')).toEqual(['node/n1>node/n2', !denied, []])
    expect(answer(net, 'a>b')).toEqual(['a>b', true, []])
    expect(net.notes.some((line) => line.includes('expected enabled or disabled for AUTO_HOST_ENDPOINTS'))).toBe(
      env.includes('yes'),
    )
  })

  it.each<[string, string[], string[]]>([
    ['interfaceName: eth0', ['node/n1>node/n2', 'a>node/n2'], ['node/n2>b', 'b>node/n2', 'a>b', 'node/n1>a']],
    ['expectedIPs: [10.2.0.12]', ['node/n1>node/n2', 'node/n2>node/n1'], ['node/n2>b', 'a>b']],
    ['interfaceName: "*"', ['node/n1>node/n2', 'node/n2>a'], ['node/n2>c', 'c>node/n2', 'b>c']],
    ['interfaceName: eth7', [], ['node/n1>node/n2', 'node/n2>node/n1', 'a>b']],
  ])('a host endpoint without profile, %s, denies what its node says and hears there', (where, denied, others) => {
    const net = lab(
      `{apiVersion: projectcalico.org/v3, kind: HostEndpoint, metadata: {name: h}, spec: {node: n2, ${where}}}`,
    )
    for (const flow of denied) expect(answer(net, flow)).toEqual([flow, false, []])
    for (const flow of others) expect(answer(net, flow)).toEqual([flow, true, []])
  })

  it.each<[string, string, string, number, boolean]>([
    ['a pod to a pod', 'default/a', 'shop/b', 4789, true],
    ['a pod to a pod, another port', 'default/a', 'shop/b', 4790, false],
    ['a node to a pod', 'node/n1', 'shop/b', 4789, false],
  ])('what passes for a tunnel’s packet is dropped where a pod sends it: %s', (_name, from, to, port, dropped) => {
    const net = lab('{apiVersion: v1, kind: Namespace, metadata: {name: x}}')
    const run = net.udp(from, to, port)
    expect([run.ok, undecided(run)]).toEqual([!dropped, []])
  })

  it('with place, what it decides and the command that decides it', () => {
    const run = lab(OPEN).tcp('default/a', 'shop/b', 80)
    expect(run).toMatchObject({ certainty: 'undecided', trace: { certainty: 'undecided' } })
    expect(run.notes[0]).toMatchObject({
      code: 'policy',
      topic: 'policy',
      object: 'NetworkPolicy/shop/p',
      file: 'input',
      line: 40,
      decides: 'whether the packet is let through',
      check: expect.stringMatching(/^kubectl exec -n default a -- nc -vz -w 3 192\.168\.\S+ 80$/),
    })
  })

  it('but not what fails without it', () => {
    const run = lab(OPEN).tcp('default/a', 'shop/b', 80, { server: false })
    expect(run).toMatchObject({ certainty: 'certain', trace: { ok: false } })
  })

  it('and is left out when asked, which is said', () => {
    const run = lab(OPEN, ['policy']).ping('default/a', 'shop/b')
    expect(run).toMatchObject({ certainty: 'assumed', notes: [{ code: 'policy', ignored: true }] })
  })

  it('what is open, or was asked to be left out, stands before what is assumed', () => {
    const order = (ignore?: readonly NoteTopic[]): string[] =>
      lab(OPEN.replace('{service', '{types: [Egress], service'), ignore)
        .udp('shop/b', '8.8.8.8', 4790)
        .notes.map((note) => `${note.code} ${note.effect}${note.ignored === true ? ', ignored' : ''}`)
    const assumed = ['listener assumed', 'router assumed', 'internet assumed']
    expect(order()).toEqual(['policy undecided', ...assumed])
    expect(order(['policy'])).toEqual(['policy undecided, ignored', ...assumed])
  })
})

describe('a Service leaves open what goes to its addresses', () => {
  const net = lab(
    '{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {type: LoadBalancer, clusterIP: 10.96.0.7, externalIPs: [10.2.0.12, 198.18.0.9], ports: [{port: 80, nodePort: 30080}]}, status: {loadBalancer: {ingress: [{ip: 198.18.0.10}]}}}',
  )

  it.each<[string, number, boolean]>([
    ['10.96.0.7', 80, true],
    ['10.96.0.7', 81, true],
    ['198.18.0.9', 80, true],
    ['198.18.0.10', 80, true],
    ['10.2.0.12', 80, true],
    ['10.2.0.12', 30080, true],
    ['10.2.0.11', 30080, true],
    ['10.2.0.12', 22, false],
    ['10.2.0.11', 80, false],
  ])('TCP to %s port %i', (address, port, open) => {
    expect(undecided(net.tcp('default/a', address, port)).includes('service')).toBe(open)
  })

  it('and nothing between pods', () => expect(net.ping('default/a', 'shop/b').certainty).toBe('certain'))
})

describe('a Service as destination', () => {
  const services = `
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {clusterIP: 10.96.0.9, ports: [{port: 80}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: six, namespace: shop}, spec: {clusterIP: "fd00:96::9", clusterIPs: ["fd00:96::9", 10.96.0.10], ports: [{port: 80}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: twice, namespace: shop}, spec: {clusterIP: 10.96.0.11}}
---
{apiVersion: v1, kind: Service, metadata: {name: twice}, spec: {clusterIP: 10.96.0.12}}
---
{apiVersion: v1, kind: Service, metadata: {name: heads, namespace: shop}, spec: {clusterIP: None}}
---
{apiVersion: v1, kind: Service, metadata: {name: away, namespace: shop}, spec: {type: ExternalName, externalName: db.example.org}}
---
{apiVersion: v1, kind: Service, metadata: {name: bare, namespace: shop}, spec: {ports: [{port: 80}]}}`
  const net = lab(services)

  it.each<[string, string]>([
    ['svc/shop/web', '10.96.0.9'],
    ['service/shop/web', '10.96.0.9'],
    ['svc/web', '10.96.0.9'],
    ['web.shop.svc', '10.96.0.9'],
    ['web.shop.svc.cluster.local', '10.96.0.9'],
    ['svc/six', '10.96.0.10'],
    ['twice.default.svc.k8s.example', '10.96.0.12'],
  ])('%s is its address, and open by name', (name, address) => {
    expect(net.endpoint(name).address).toBe(address)
    for (const run of [net.tcp('default/a', name, 80), net.udp('default/a', name, 80), net.ping('default/a', name)]) {
      expect(run.certainty).toBe('undecided')
      expect(run.notes[0]).toMatchObject({
        code: 'service',
        topic: 'services',
        check: expect.stringContaining('kube-proxy'),
      })
    }
  })

  it.each<[string, string, string]>([
    ['svc/heads', 'headless', 'kubectl get endpointslices -n shop -l kubernetes.io/service-name=heads'],
    ['away.shop.svc', 'ExternalName', 'nslookup away.shop.svc.cluster.local   (in a pod)'],
    ['svc/shop/bare', 'no clusterIP', 'kubectl get service -n shop bare -o wide'],
  ])('%s has no address: nothing is sent, and why is said', (name, why, check) => {
    const runs = [net.tcp('default/a', name, 80), net.udp('default/a', name, 80), net.ping('default/a', name)]
    for (const run of [...runs, net.traceroute('default/a', name)]) {
      expect(run).toMatchObject({ ok: false, certainty: 'undecided', trace: { certainty: 'undecided', ok: false } })
      expect(run.notes).toEqual([
        expect.objectContaining({ code: 'service', what: expect.stringContaining(why), check }),
      ])
      expect(run.trace.summary).toContain('Undecided: nothing was sent: Service/shop/')
    }
  })

  it('that is not there is named with the nearest; one that is there twice is that of default', () => {
    expect(() => net.endpoint('svc/wep')).toThrow(/did you mean "web"/)
    expect(net.endpoint('svc/twice').address).toBe('10.96.0.12')
    expect(() => net.endpoint('web.default.svc')).toThrow(/the name of a Service of namespace default/)
  })

  it('leads to one pod when its host is named', () => {
    expect(net.endpoint('b.heads.shop.svc.cluster.local').netns).toBe('shop/b')
    expect(net.ping('default/a', 'b.heads.shop.svc').certainty).toBe('certain')
  })

  it('cannot send', () => expect(() => net.ping('svc/web', 'shop/b')).toThrow(/a pod, a node or an address/))
})

describe('what a pod sends to its own node', () => {
  const daemonSet =
    '{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: calico-node, namespace: kube-system}, spec: {template: {spec: {containers: [{name: calico-node, env: [ENV]}]}}}}'
  const felix = (name: string, action: string): string =>
    `{apiVersion: projectcalico.org/v3, kind: FelixConfiguration, metadata: {name: ${name}}, spec: {defaultEndpointToHostAction: ${action}}}`
  const codes = (net: Lab, flow: string): string[] => pinged(net, flow).notes.map(({ code }) => code)

  it('nothing said: let through, as calico.yaml sets it, and said where it concerns the flow', () => {
    const net = lab('{apiVersion: v1, kind: Namespace, metadata: {name: x}}')
    expect(net.notes.filter((line) => line.includes('defaultEndpointToHostAction'))).toEqual([])
    const run = net.ping('default/a', 'node/n1')
    expect(run.ok).toBe(true)
    const code = 'endpoint_to_host_assumed'
    expect(run.notes.filter((one) => one.topic === 'policy')).toEqual([expect.objectContaining({ code, object: '' })])
    expect(codes(net, 'a>node/n2')).not.toContain(code)
    expect(codes(net, 'a>b')).toEqual([])
  })

  it.each<[string, string, boolean]>([
    ['calico-node without the variable', daemonSet.replace('ENV', '{name: IP, value: autodetect}'), false],
    ['the variable', daemonSet.replace('ENV', '{name: FELIX_DEFAULTENDPOINTTOHOSTACTION, value: DROP}'), false],
    [
      'the variable, letting through',
      daemonSet.replace('ENV', '{name: FELIX_DEFAULTENDPOINTTOHOSTACTION, value: ACCEPT}'),
      true,
    ],
    ['the field', felix('default', 'Drop'), false],
    ['the field of the node', felix('node.n1', 'Drop'), false],
  ])('%s: Felix does what it is told, and nothing is assumed', (_name, objects, answered) => {
    const net = lab(objects)
    const run = net.ping('default/a', 'node/n1')
    expect(run.ok).toBe(answered)
    expect(run.notes.filter((one) => one.topic === 'policy')).toEqual([])
    expect(codes(net, 'a>b')).toEqual([])
  })

  it('is let through where it is said so', () => {
    expect(codes(lab(felix('default', 'Accept')), 'a>node/n1')).toEqual([])
    expect(codes(lab(felix('default', 'Return')), 'a>node/n1')).toEqual([])
  })
})

describe('other topics', () => {
  it.each<[string, string, string]>([
    [
      'dataplane',
      calico('FelixConfiguration', undefined, '{bpfEnabled: true}').replace('name: p', 'name: default'),
      'dataplane',
    ],
    [
      'annotations',
      '{apiVersion: v1, kind: Pod, metadata: {name: d, namespace: shop, annotations: {cni.projectcalico.org/ipAddrsNoIpam: "[]"}}, spec: {nodeName: n1}}',
      'annotation',
    ],
  ])('%s', (topic, object, code) => {
    const run = lab(object).ping('default/a', topic === 'annotations' ? 'shop/d' : 'shop/b')
    expect(undecided(run)).toContain(code)
    expect(run.notes.map((note) => note.topic)).toContain(topic)
  })

  it('the words of --ignore are the topics', () => expect([...TOPICS]).toEqual([...NOTE_TOPICS]))
})

describe('what packetwalk supplies is said', () => {
  const net = lab('{apiVersion: v1, kind: Namespace, metadata: {name: x}}')

  it.each(['shop/b', 'node/n2', '8.8.8.8'])('a listener at %s', (to) => {
    const run = net.tcp('default/a', to, 80)
    expect(run.trace.ok).toBe(true)
    expect(run.certainty).toBe('assumed')
    expect(run.notes.map((note) => note.code)).toContain('listener')
  })

  it('the router and the internet', () => {
    const run = net.ping('default/a', '8.8.8.8')
    expect(run.certainty).toBe('assumed')
    expect(run.notes.map((note) => note.code)).toEqual(['router', 'internet'])
  })
})
