// Questions about policy without a packet: a flow, an endpoint, a policy.
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import type { FlowQuestion } from '../../src/lab/policy/flow.ts'

const text = readFileSync(new URL('../support/policy-shop.yaml', import.meta.url), 'utf8')
let lab: Lab
beforeAll(() => {
  lab = Lab.load({ name: 'shop.yaml', text })
})

describe('a flow', () => {
  it.each<readonly [FlowQuestion, string, readonly string[]]>([
    [
      { from: 'default/client', to: 'shop/db-0', port: 5432 },
      'denied',
      [
        'default/client egress: every tier passes it on; profile kns.default allows it',
        'shop/db-0 ingress: end of tier default: NetworkPolicy shop/db-from-shop selects this endpoint, and none of its ingress rules matches',
      ],
    ],
    [
      { from: 'shop/web-0', to: 'shop/db-0', port: 'pg' },
      'allowed',
      [
        'shop/web-0 egress: every tier passes it on; profile kns.shop allows it',
        'shop/db-0 ingress: NetworkPolicy shop/db-from-shop ingress rule 1 allows it (tier default)',
      ],
    ],
    [
      { from: 'shop/db-0', to: 'shop/web-0', port: 23 },
      'denied',
      [
        'shop/db-0 egress: every tier passes it on; profile kns.shop allows it',
        'shop/web-0 ingress: GlobalNetworkPolicy no-telnet ingress rule 1 denies it (tier platform)',
      ],
    ],
    [
      { from: 'node/node01', to: 'node/node02', port: 80 },
      'allowed',
      ['node02-card ingress: GlobalNetworkPolicy hosts ingress rule 1 allows it (tier default)'],
    ],
    [
      { from: 'node/node01', to: 'node/node02', port: 22 },
      'allowed',
      ['node02-card ingress: a failsafe port: Felix never closes it'],
    ],
    [{ from: 'node/node02', to: 'shop/db-0', port: 1 }, 'allowed', []],
    [{ from: 'shop/web-0', to: 'shop/web-0', port: 1 }, 'allowed', []],
    [
      { from: 'shop/web-0', to: 'shop/db-0', port: 5432, protocol: 'sctp' },
      'denied',
      [
        'shop/web-0 egress: every tier passes it on; profile kns.shop allows it',
        'shop/db-0 ingress: end of tier default: NetworkPolicy shop/db-from-shop selects this endpoint, and none of its ingress rules matches',
      ],
    ],
  ])('%o is %s', (question, verdict, why) => {
    const report = lab.policy(question)
    expect(report.verdict).toBe(verdict)
    const said = report.flows.flatMap(({ ends }) => ends.map((end) => `${end.endpoint} ${end.direction}: ${end.why}`))
    expect(said).toEqual(why)
  })

  it('tells the rule, in words and where it stands; staged policies decide nothing', () => {
    const report = lab.policy({ from: 'shop/web-0', to: 'shop/db-0', port: 5432 })
    const asked = report.flows[0]?.ends[1]?.tiers.at(-1)?.policies
    expect(asked?.find(({ staged }) => staged)).toMatchObject({
      title: 'StagedNetworkPolicy shop/later',
      answer: 'Deny',
    })
    expect(asked?.find(({ staged }) => !staged)?.rule).toMatchObject({
      index: 1,
      action: 'Allow',
      words: expect.stringMatching(/^Allow TCP from .*app == "web".* to .*port pg/),
      place: expect.stringMatching(/^shop\.yaml:\d+ spec\.ingress/),
    })
  })

  it('to a Service is to each of its endpoints, or to one', () => {
    const report = lab.policy({ from: 'shop/web-0', to: 'svc/shop/db', port: 'pg' })
    expect(report).toMatchObject({
      to: 'svc/shop/db',
      service: { name: 'svc/shop/db', backends: 1 },
      verdict: 'allowed',
      flows: [{ destination: 'shop/db-0', packet: { destinationPort: 5432 } }],
    })
    expect(lab.policy({ from: 'shop/web-0', to: 'db.shop', port: 5432, backend: 'shop/db-0' }).verdict).toBe('allowed')
    expect(() => lab.policy({ from: 'shop/web-0', to: 'db.shop', port: 5432, backend: 'shop/web-0' })).toThrow(
      '--backend: expected an endpoint of the Service',
    )
  })

  describe('to a port of a node', () => {
    const service = (name: string, nodePort: number, app: string, policy = 'Cluster') =>
      `{apiVersion: v1, kind: Service, metadata: {name: ${name}, namespace: shop}, spec: {type: NodePort, clusterIP: 10.96.1.${nodePort % 100}, externalTrafficPolicy: ${policy}, selector: {app: ${app}}, ports: [{port: 80, targetPort: 8080, nodePort: ${nodePort}}]}}`
    const allow = (app: string, ...cidrs: readonly string[]) =>
      `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: to-${app}, namespace: shop}, spec: {podSelector: {matchLabels: {app: ${app}}}, ingress: [{from: [${cidrs.map((cidr) => `{ipBlock: {cidr: ${cidr}}}`).join(', ')}], ports: [{port: 8080}]}]}}`
    const more = [
      service('web', 30080, 'web'),
      service('near', 30081, 'web', 'Local'),
      service('none', 30082, 'nobody'),
      '{apiVersion: v1, kind: Pod, metadata: {name: hosted, namespace: shop, labels: {app: hosted}}, spec: {nodeName: node02, containers: [{name: c, ports: [{containerPort: 8080, hostPort: 8088}]}]}}',
    ]
    const open = (...objects: readonly string[]): Lab =>
      Lab.load({ name: 'shop.yaml', text: [text, ...more, ...objects].join('\n---\n') })
    const NODE01 = '172.17.0.40/32'
    const NODE02 = '172.17.0.41/32'
    const CLIENT = '10.65.0.0/16'

    it.each<readonly [string, number, string, readonly string[], string, string]>([
      // On the node of the endpoint policy sees who asked; the node's own address comes later.
      ['default/client', 30080, 'node01', [allow('web', NODE01)], 'denied', ''],
      ['default/client', 30080, 'node01', [allow('web', CLIENT)], 'allowed', ''],
      // Out of the pool and by another node: whoever asked is no longer to be seen.
      ['default/client', 30080, 'node02', [allow('web', NODE01, NODE02)], 'denied', ''],
      ['internet', 30080, 'node01', [allow('web', '0.0.0.0/0')], 'allowed', ''],
      ['internet', 30080, 'node01', [allow('web', CLIENT)], 'denied', ''],
      ['internet', 30080, 'node02', [allow('web', CLIENT)], 'allowed', ''],
      ['node/node01', 30080, 'node01', [allow('web', NODE02)], 'allowed', ''],
      ['node/node02', 30080, 'node02', [allow('web', NODE01)], 'denied', ''],
      ['shop/web-0', 30080, 'node01', [allow('web', CLIENT)], 'allowed', ''],
      ['shop/web-0', 30080, 'node02', [allow('web', NODE02)], 'denied', ''],
      // Local: the address stays, and other nodes have nobody.
      ['internet', 30081, 'node01', [allow('web', '198.18.0.0/15', NODE01)], 'denied', ''],
      ['internet', 30081, 'node01', [allow('web', '0.0.0.0/0')], 'allowed', ''],
      [
        'internet',
        30081,
        'node02',
        [],
        'denied',
        'none of its endpoints runs on node02, and its externalTrafficPolicy is Local: dropped',
      ],
      [
        'node/node01',
        30081,
        'node02',
        [],
        'denied',
        'none of its endpoints runs on node02, and its externalTrafficPolicy is Local: dropped',
      ],
      // The host endpoint of node02 lets nothing out.
      ['node/node02', 30081, 'node01', [allow('web', NODE02)], 'denied', ''],
      ['node/node02', 30081, 'node02', [], 'allowed', ''],
      // A hostPort: nothing is masqueraded but by the pool.
      ['default/client', 8088, 'node02', [allow('hosted', NODE01)], 'allowed', ''],
      ['default/client', 8088, 'node02', [allow('hosted', CLIENT)], 'denied', ''],
      ['internet', 8088, 'node02', [allow('hosted', NODE01)], 'denied', ''],
      ['internet', 30082, 'node01', [], 'denied', 'the Service has no endpoint: refused'],
      ['default/client', 30082, 'node01', [], 'denied', 'the Service has no endpoint: refused'],
    ])('%s to port %i of %s, %j: %s, as packets find it', (from, port, node, objects, verdict, why) => {
      const own = open(...objects)
      const report = own.policy({ from, to: `node/${node}`, port })
      expect(report).toMatchObject({ verdict, ...(why === '' ? {} : { why }) })
      expect(own.tcp(from, `node/${node}`, port).ok ? 'allowed' : 'denied').toBe(verdict)
    })

    const felix = (spec: string) =>
      `{apiVersion: projectcalico.org/v3, kind: FelixConfiguration, metadata: {name: default}, spec: {${spec}}}`
    const EXCEPT_HOSTS = felix('natOutgoingExclusions: IPPoolsAndHostIPs')

    it.each<readonly [string, number, string, readonly string[], string]>([
      // What goes to nodes keeps its source.
      ['default/client', 8088, 'node02', [EXCEPT_HOSTS, allow('hosted', CLIENT)], 'allowed'],
      ['default/client', 8088, 'node02', [EXCEPT_HOSTS, allow('hosted', NODE01)], 'denied'],
      // By the traffic policy Cluster the node of the port masquerades all the same, by its tunnel; by Local it does not.
      ['default/client', 30080, 'node02', [EXCEPT_HOSTS, allow('web', NODE02)], 'denied'],
      ['default/client', 30080, 'node02', [EXCEPT_HOSTS, allow('web', '10.65.140.64/32')], 'allowed'],
      ['default/client', 30081, 'node01', [EXCEPT_HOSTS, allow('web', CLIENT)], 'allowed'],
      // A node that is none of the cluster's.
      [
        'default/client',
        8088,
        'node02',
        [felix('externalNodesList: [172.17.0.41]'), allow('hosted', CLIENT)],
        'denied',
      ],
      // Another address than the device's.
      ['default/client', 8088, 'node02', [felix('natOutgoingAddress: 172.17.0.99'), allow('hosted', NODE01)], 'denied'],
      // Only by one device.
      [
        'default/client',
        8088,
        'node02',
        [felix('iptablesNATOutgoingInterfaceFilter: eth9'), allow('hosted', CLIENT)],
        'allowed',
      ],
      [
        'default/client',
        8088,
        'node02',
        [felix('iptablesNATOutgoingInterfaceFilter: eth+'), allow('hosted', NODE01)],
        'allowed',
      ],
      [
        'default/client',
        8088,
        'node02',
        [felix('iptablesNATOutgoingInterfaceFilter: eth0'), allow('hosted', NODE01)],
        'allowed',
      ],
    ])(
      '%s to port %i of %s, %j: %s, as packets find it with natOutgoing as it is told',
      (from, port, node, objects, verdict) => {
        const own = open(...objects)
        expect(own.policy({ from, to: `node/${node}`, port }).verdict).toBe(verdict)
        expect(own.tcp(from, `node/${node}`, port).ok ? 'allowed' : 'denied').toBe(verdict)
      },
    )

    const far = (spec: string, status = '{}') =>
      `{apiVersion: v1, kind: Service, metadata: {name: far, namespace: shop}, spec: {clusterIP: 10.96.2.1, selector: {app: hosted}, ports: [{port: 80, targetPort: 8080}], ${spec}}, status: ${status}}`
    const BALANCED = '{loadBalancer: {ingress: [{ip: 203.0.113.80}]}}'
    const proxy = (spec: string) =>
      `{apiVersion: kubeproxy.config.k8s.io/v1alpha1, kind: KubeProxyConfiguration, ${spec}}`
    const ONLY_CLIENT = '10.65.196.129/32'
    const TUNNEL01 = '10.65.196.128/32'
    const NOT_HERE = (policy: string) => `none of its endpoints runs on node01, and its ${policy} is Local: dropped`

    it.each<readonly [string, string, readonly string[], string, string]>([
      // Its virtual address: what is no pod's is masqueraded, and everything where kube-proxy is told so.
      ['default/client', '10.96.2.1', [far(''), allow('hosted', ONLY_CLIENT)], 'allowed', ''],
      ['node/node01', '10.96.2.1', [far(''), allow('hosted', TUNNEL01)], 'allowed', ''],
      [
        'default/client',
        '10.96.2.1',
        [far(''), proxy('iptables: {masqueradeAll: true}'), allow('hosted', ONLY_CLIENT)],
        'denied',
        '',
      ],
      [
        'default/client',
        '10.96.2.1',
        [far(''), proxy('iptables: {masqueradeAll: true}'), allow('hosted', TUNNEL01)],
        'allowed',
        '',
      ],
      [
        'default/client',
        '10.96.2.1',
        [far(''), proxy('clusterCIDR: 10.99.0.0/16'), allow('hosted', TUNNEL01)],
        'allowed',
        '',
      ],
      [
        'default/client',
        '10.96.2.1',
        [
          far(''),
          proxy('detectLocalMode: InterfaceNamePrefix, detectLocal: {interfaceNamePrefix: cali}'),
          allow('hosted', ONLY_CLIENT),
        ],
        'allowed',
        '',
      ],
      // Local: only endpoints of the node of who asks.
      [
        'default/client',
        '10.96.2.1',
        [far('internalTrafficPolicy: Local')],
        'denied',
        NOT_HERE('internalTrafficPolicy'),
      ],
      ['shop/db-0', '10.96.2.1', [far('internalTrafficPolicy: Local'), allow('hosted', CLIENT)], 'allowed', ''],
      // Other addresses: by the policy Cluster masqueraded, whoever asks; by Local pods are led to all of them.
      [
        'default/client',
        '203.0.113.70',
        [far('externalIPs: [203.0.113.70]'), allow('hosted', ONLY_CLIENT)],
        'denied',
        '',
      ],
      [
        'default/client',
        '203.0.113.70',
        [far('externalIPs: [203.0.113.70]'), allow('hosted', TUNNEL01)],
        'allowed',
        '',
      ],
      [
        'default/client',
        '203.0.113.70',
        [
          far('type: NodePort, externalTrafficPolicy: Local, externalIPs: [203.0.113.70]'),
          allow('hosted', ONLY_CLIENT),
        ],
        'allowed',
        '',
      ],
      // Load balancers: who may ask.
      [
        'default/client',
        '203.0.113.80',
        [far('type: LoadBalancer, loadBalancerSourceRanges: [198.51.100.0/24]', BALANCED)],
        'denied',
        'its loadBalancerSourceRanges leave out 10.65.196.129: dropped',
      ],
      [
        'default/client',
        '203.0.113.80',
        [far('type: LoadBalancer, loadBalancerSourceRanges: [10.65.0.0/16]', BALANCED), allow('hosted', TUNNEL01)],
        'allowed',
        '',
      ],
    ])('%s to %s, %j: %s, as packets find it', (from, to, objects, verdict, why) => {
      const own = open(...objects)
      const report = own.policy({ from, to, port: 80 })
      expect(report).toMatchObject({ verdict, ...(why === '' ? {} : { why }) })
      expect(own.tcp(from, to, 80).ok ? 'allowed' : 'denied').toBe(verdict)
    })

    const bare =
      '{apiVersion: v1, kind: Service, metadata: {name: bare, namespace: shop}, spec: {type: NodePort, clusterIP: 10.96.7.7, ports: [{port: 80, nodePort: 30099}]}}'

    it.each<readonly [FlowQuestion, readonly string[], string]>([
      [{ from: 'shop/web-0', to: 'svc/shop/db', port: 5432 }, [proxy('mode: ipvs')], 'kube-proxy runs in mode ipvs'],
      [{ from: 'shop/web-0', to: 'svc/shop/db' }, [proxy('mode: ipvs')], 'kube-proxy runs in mode ipvs'],
      [{ from: 'internet', to: 'node/node01', port: 30080 }, [proxy('mode: nftables')], 'in mode nftables'],
      [{ from: 'shop/web-0', to: 'svc/shop/bare', port: 80 }, [bare], 'Service/shop/bare: it has no selector'],
      [{ from: 'shop/web-0', to: 'node/node01', port: 30099 }, [bare], 'Service/shop/bare: it has no selector'],
    ])('%o with %j is undecided, as for packets: %s', (question, objects, why) => {
      const own = open(...objects)
      const { from, to, port } = question
      const report = own.policy(question)
      expect(report).toMatchObject({ verdict: 'undecided', flows: [] })
      expect(report.why).toContain(why)
      const run = port === undefined ? own.ping(from, to) : own.tcp(from, to, port)
      expect(run.certainty).toBe('undecided')
    })

    it.each<readonly [FlowQuestion, readonly string[]]>([
      [{ from: 'shop/web-0', to: 'shop/db-0', port: 5432 }, [proxy('mode: ipvs')]],
      [{ from: 'shop/web-0', to: 'node/node01', port: 30099, protocol: 'udp' }, [bare]],
    ])('%o with %j is decided: no Service is asked', (question, objects) => {
      expect(open(...objects).policy(question).verdict).not.toBe('undecided')
    })

    it('says whose port it is', () => {
      const own = open()
      expect(own.policy({ from: 'internet', to: 'node/node02', port: 30080 })).toMatchObject({
        service: { name: 'svc/shop/web', backends: 1 },
        flows: [
          {
            destination: 'shop/web-0',
            packet: { destinationPort: 8080 },
            remarks: [
              'port 30080 of node02 is the nodePort of svc/shop/web: the packet goes on under the node’s own address',
            ],
          },
        ],
      })
      expect(own.policy({ from: 'internet', to: 'node/node02', port: 8088 }).flows[0]).toMatchObject({
        destination: 'shop/hosted',
        remarks: ['port 8088 of node02 is a hostPort of shop/hosted'],
      })
    })

    it.each<readonly [string, string]>([
      ['[172.17.0.40/32]', 'web-0'],
      ['[10.0.0.0/8]', 'node'],
      ['[primary]', 'web-0'],
    ])('is one of a Service where kube-proxy takes node ports: nodePortAddresses %s', (ranges, end) => {
      const config = `{apiVersion: kubeproxy.config.k8s.io/v1alpha1, kind: KubeProxyConfiguration, nodePortAddresses: ${ranges}}`
      const report = open(config).policy({ from: 'internet', to: 'node/node01', port: 30080 })
      expect(report.flows[0]?.destination).toContain(end)
    })
  })

  it.each<readonly [FlowQuestion, string]>([
    [{ from: 'shop/web-0', to: 'svc/shop/db', port: 1 }, 'the Service has no port 1/tcp'],
    [{ from: 'shop/web-0', to: 'svc/shop/db' }, 'the Service has no port for a ping'],
  ])('%o is undecided: %s', (question, why) => {
    expect(lab.policy(question)).toMatchObject({ verdict: 'undecided', why, flows: [] })
  })

  it.each<readonly [FlowQuestion, string]>([
    [{ from: 'shop/web-0', to: 'shop/db-0', protocol: 'udp' }, 'expected a port beside udp'],
    [{ from: 'shop/web-0', to: 'shop/db-0', port: 1, protocol: 47 }, 'expected no port beside a bare protocol'],
    [{ from: 'shop/web-0', to: 'shop/db-0', port: 'pg', protocol: 'sctp' }, 'the number of an SCTP port'],
    [{ from: 'shop/web-0', to: 'shop/db-0', port: 0 }, 'a port from 1 to 65535'],
    [{ from: 'shop/web-0', to: 'shop/bd-0', port: 1 }, 'expected'],
  ])('%o is refused: %s', (question, message) => {
    expect(() => lab.policy(question)).toThrow(message)
  })

  it('agrees with what packets meet', () => {
    for (const [from, to, port] of [
      ['default/client', 'shop/db-0', 5432],
      ['shop/web-0', 'shop/db-0', 5432],
      ['shop/web-0', 'shop/db-0', 5433],
      ['shop/db-0', 'shop/web-0', 23],
      ['shop/db-0', 'shop/web-0', 24],
    ] as const) {
      const { verdict } = lab.policy({ from, to, port })
      expect([from, to, port, verdict]).toEqual([from, to, port, lab.tcp(from, to, port).ok ? 'allowed' : 'denied'])
    }
  })
})

describe('an endpoint', () => {
  it('has tiers, policies and rules in order, and profiles behind them', () => {
    const report = lab.policy({ of: 'shop/db-0' })
    const [ingress] = report.parts[0]?.rules ?? []
    const tiers = ingress?.tiers.map(({ tier, policies, end }) => [tier, policies.map(({ title }) => title), end])
    expect(tiers).toEqual([
      ['platform', ['GlobalNetworkPolicy no-telnet'], 'Deny'],
      [
        'default',
        expect.arrayContaining(['NetworkPolicy shop/db-from-shop', 'StagedNetworkPolicy shop/later']),
        'Deny',
      ],
    ])
    expect(ingress?.tiers[0]?.policies[0]?.rules.map(({ words }) => words)).toEqual([
      'Deny TCP to port 23',
      'Pass anything',
    ])
    expect(ingress?.profiles.map(({ profile }) => profile)).toEqual(['kns.shop', 'ksa.shop.default'])
  })

  it('of a node is its host endpoints', () => {
    expect(lab.policy({ of: 'node/node02' }).parts.map(({ hostEndpoint, dev }) => [hostEndpoint, dev])).toEqual([
      ['node02-card', 'eth0'],
    ])
    expect(lab.policy({ of: 'node01' }).remarks).toEqual(['no host endpoint: policy does not ask about it'])
  })

  it('is no address outside', () => {
    expect(() => lab.policy({ of: '8.8.8.8' })).toThrow('expected a pod or a node, received "8.8.8.8"')
  })
})

describe('a policy', () => {
  it.each([
    ['shop/db-from-shop', ['shop/db-0'], []],
    ['db-from-shop', ['shop/db-0'], []],
    ['netpol/shop/db-from-shop', ['shop/db-0'], []],
    ['NetworkPolicies/shop/db-from-shop', ['shop/db-0'], []],
    ['gnp/no-telnet', ['default/client', 'shop/db-0', 'shop/web-0'], ['node02/node02-card']],
    ['hosts', [], ['node02/node02-card']],
    ['shop/idle', [], []],
  ])('%s selects %j and %j', (selects, pods, hostEndpoints) => {
    expect(lab.policy({ selects }).policies).toMatchObject([{ pods, hostEndpoints }])
  })

  it.each(['shop/no-telnet', 'gnp/db-from-shop', 'nope'])('%s is none', (selects) => {
    expect(() => lab.policy({ selects })).toThrow('the name of a policy, [KIND/][NAMESPACE/]NAME')
  })

  it('of a network made by hand is not known', () => {
    expect(() => Lab.fromNetwork(lab.network).policy({ selects: 'x' })).toThrow('a lab of objects')
  })
})
