// Objects applied to a running lab: it is as a lab of the edited objects, and what happened in it goes on.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { ObjectReference } from '../../src/control/index.ts'
import { Lab, type ObjectsInput } from '../../src/lab/index.ts'

const SHOP = readFileSync(new URL('../support/policy-shop.yaml', import.meta.url), 'utf8')
const open = (): Lab => Lab.load({ name: 'shop.yaml', text: SHOP })

const DB = ['default/client', 'shop/db-0', 5432] as const

/** The policy of the database, for pods of an application and, with a port, for this port. */
const forApp = (app: string, port: number | string = 5432): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db-from-shop, namespace: shop}
spec:
  podSelector: {matchLabels: {role: db}}
  ingress:
  - from:
    - namespaceSelector: {}
      podSelector: {matchLabels: {app: ${app}}}
    ports: [{port: ${port}}]
`
const file = (text: string) => ({ name: 'db.yaml', text })

const policy = (kind: string, name: string, spec: object, namespace?: string): string =>
  JSON.stringify({ apiVersion: 'projectcalico.org/v3', kind, metadata: { name, namespace }, spec })

describe('Lab.apply', () => {
  it('replaces a policy: the next packet meets the new one, and the trace tells where it stands', () => {
    const lab = open()
    expect(lab.tcp(...DB).ok).toBe(false)
    const now = lab.apply(file(forApp('client'))).tcp(...DB)
    expect(now.ok).toBe(true)
    const origins = now.trace.hops
      .flatMap(({ facts }) => facts)
      .flatMap(({ origin }) => (origin?.object === 'NetworkPolicy/shop/db-from-shop' ? [origin] : []))
    expect(origins).not.toEqual([])
    expect(new Set(origins.map(({ file: name, line }) => `${name}:${line}`))).toEqual(
      new Set(['db.yaml:1', 'db.yaml:7']),
    )
    expect(lab.tcp('shop/web-0', 'shop/db-0', 5432).ok).toBe(false)
  })

  it('adds policies, of lists by kind, too', () => {
    const lab = open()
    const { policies } = Lab.load(
      `${SHOP}\n---\n${policy('GlobalNetworkPolicy', 'all', { order: 1, ingress: [{ action: 'Deny' }] })}`,
    ).cluster!.resources
    expect(lab.tcp('shop/web-0', 'shop/db-0', 5432).ok).toBe(true)
    lab.apply({ policies: policies.slice(-1) })
    expect(lab.tcp('shop/web-0', 'shop/db-0', 5432).ok).toBe(false)
    expect(lab.cluster!.resources.policies).toHaveLength(policies.length)
  })

  it.each<[what: string, objects: string]>([
    ['a policy in the place of another', forApp('client')],
    ['one that selects somebody now', policy('NetworkPolicy', 'idle', { selector: "app == 'web'" }, 'shop')],
    ['one that selects nobody', policy('NetworkPolicy', 'of-nobody', { selector: "app == 'x'" }, 'shop')],
    ['a tier behind another', policy('Tier', 'platform', { order: 2_000_000 })],
    ['a set of ranges', policy('GlobalNetworkSet', 'ranges', { nets: ['192.0.2.0/24'] })],
    ['a profile', policy('Profile', 'kns.shop', { ingress: [{ action: 'Deny' }] })],
    ['a host endpoint', policy('HostEndpoint', 'node01-card', { node: 'node01', interfaceName: 'eth0' })],
    ['a staged policy', policy('StagedGlobalNetworkPolicy', 'soon', { selector: 'all()' })],
    ['a field that is not read', policy('Tier', 'platform', { order: 100, colour: 'red' })],
    ['several, and others that are there as they are', `${SHOP}\n---\n${forApp('client')}`],
  ])('%s: the lab is as one of the edited objects', (_, objects) => {
    const lab = open()
    lab.tcp(...DB)
    const given = { name: 'shop.yaml', text: objects }
    lab.apply(given)
    const loaded = Lab.load([{ name: 'shop.yaml', text: SHOP }, given])
    expect([...lab.notes].sort()).toEqual([...loaded.notes].sort())
    expect(JSON.parse(JSON.stringify(lab.network))).toEqual(JSON.parse(JSON.stringify(loaded.network)))
    expect(lab.cluster!.resources.policies.map((one) => one.metadata.name)).toEqual(
      loaded.cluster!.resources.policies.map((one) => one.metadata.name),
    )
    expect(lab.tcp(...DB).stdout).toBe(loaded.tcp(...DB).stdout)
  })

  it('connections that were let through go on, and rules that stay keep their counters', () => {
    const lab = open()
    const ask = (sourcePort: number) => lab.udp('default/client', 'shop/web-0', 53, { sourcePort }).ok
    const counted = () => lab.simulation.netns('node01').nf?.counter('inet', 'filter', 'cali-FORWARD', 0)
    expect(ask(5000)).toBe(true)
    const before = counted()
    expect(before?.[0]).toBeGreaterThan(0)
    lab.apply(policy('GlobalNetworkPolicy', 'all', { order: 1, selector: "app == 'web'" }))
    expect(counted()).toEqual(before)
    expect([ask(5000), ask(5001)]).toEqual([true, false])
  })

  it('an answer that was given before tells the policies of then', () => {
    const lab = open()
    const run = lab.tcp(...DB)
    lab.delete({ kind: 'NetworkPolicy', namespace: 'shop', name: 'db-from-shop' })
    expect(run.diagnosis.map(({ code }) => code)).toEqual(['policy_ends'])
    expect(run.diagnosis[0]?.change?.policy.name).toBe('db-from-shop')
  })

  it('sessions between nodes are tried again where policies of their interfaces are others', () => {
    const felix = policy('FelixConfiguration', 'default', {
      failsafeInboundHostPorts: [],
      failsafeOutboundHostPorts: [],
    })
    const hosts = (ports: number[]) =>
      policy('GlobalNetworkPolicy', 'hosts', {
        selector: "host == 'yes'",
        ingress: [{ action: 'Allow', protocol: 'TCP', destination: { ports } }],
        egress: [{ action: 'Allow', protocol: 'TCP', destination: { ports } }],
      })
    const text = [SHOP, felix, hosts([80, 179])].join('\n---\n')
    const lab = Lab.load(text)
    lab.sh('node01', 'ip route add 192.0.2.0/24 dev eth0')
    const isUp = () => !lab.notes.some((note) => note.startsWith('BGP between'))
    const routes = () => lab.sh('node01', 'ip route').stdout
    const before = routes()
    expect(isUp()).toBe(true)
    lab.apply(hosts([80]))
    expect(isUp()).toBe(false)
    expect(routes()).not.toContain('proto bird onlink')
    expect(routes()).toContain('192.0.2.0/24')
    lab.apply(hosts([80, 179]))
    expect(isUp()).toBe(true)
    expect(routes()).toBe(before)
  })
})

describe('objects of other kinds than policy', () => {
  const v1 = (kind: string, name: string, more: object, namespace = 'shop'): string =>
    JSON.stringify({ apiVersion: 'v1', kind, metadata: { name, namespace }, ...more })
  const pod = (name: string, nodeName: string, labels: object = {}): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'shop', labels },
      spec: { nodeName },
    })
  const addressOf = (lab: Lab, name: string) => lab.endpoint(name).addresses[0]

  it('a new pod gets the next address, and one that was given back only after all others', () => {
    const lab = open()
    const [client, web] = [addressOf(lab, 'default/client'), addressOf(lab, 'shop/web-0')]
    expect([client, web]).toEqual(['10.65.196.129', '10.65.196.130'])
    lab.delete({ kind: 'Pod', namespace: 'shop', name: 'web-0' })
    expect(lab.pods).not.toContain('shop/web-0')
    expect(lab.ping('default/client', '10.65.196.130').ok).toBe(false)
    lab.apply(pod('web-1', 'node01'))
    expect(addressOf(lab, 'shop/web-1')).toBe('10.65.196.131')
    expect(lab.ping('default/client', 'shop/web-1').ok).toBe(true)
  })

  it('a pod that is labelled otherwise keeps its address, and is what policies select now', () => {
    const lab = open()
    const ask = () => lab.tcp('default/client', 'shop/web-0', 80).ok
    expect(ask()).toBe(true)
    lab.apply(pod('web-0', 'node01', { app: 'web', role: 'db' }))
    expect(addressOf(lab, 'shop/web-0')).toBe('10.65.196.130')
    expect(ask()).toBe(false)
  })

  it('endpoints of a Service are its pods of now', () => {
    const lab = open()
    expect(lab.tcp('shop/web-0', 'svc/shop/db', 5432).ok).toBe(true)
    lab.delete({ kind: 'Pod', namespace: 'shop', name: 'db-0' })
    expect(lab.tcp('shop/web-0', 'svc/shop/db', 5432).ok).toBe(false)
    const container = { name: 'db', ports: [{ name: 'pg', containerPort: 5432 }] }
    lab.apply(
      v1('Pod', 'db-1', {
        metadata: { name: 'db-1', namespace: 'shop', labels: { app: 'db', role: 'db' } },
        spec: { nodeName: 'node02', containers: [container] },
      }),
    )
    expect(lab.tcp('shop/web-0', 'svc/shop/db', 5432).ok).toBe(true)
  })

  it('another encapsulation of a pool is that of all nodes at once, and pods keep their addresses', () => {
    const lab = open()
    const before = lab.pods.map((name) => addressOf(lab, name))
    const pool = (spec: object) => policy('IPPool', 'pods', { cidr: '10.65.0.0/16', natOutgoing: true, ...spec })
    lab.apply(pool({ vxlanMode: 'Always' }))
    expect(lab.sh('node01', 'ip route').stdout).toContain('dev vxlan.calico')
    expect(lab.pods.map((name) => addressOf(lab, name))).toEqual(before)
    expect(lab.tcp('shop/web-0', 'shop/db-0', 5432).ok).toBe(true)
    lab.apply(pool({}))
    expect(lab.sh('node01', 'ip route').stdout).not.toContain('vxlan.calico')
    expect(lab.tcp('shop/web-0', 'shop/db-0', 5432).ok).toBe(true)
  })

  it('with a node its pods go, and what IPAM had given to it', () => {
    const lab = open()
    lab.delete({ kind: 'Node', name: 'node02' })
    expect(lab.pods).not.toContain('shop/db-0')
    expect(Object.keys(lab.network.namespaces)).not.toContain('node02')
    expect(lab.cluster!.ipam.blocks.map(({ affinity }) => affinity)).toEqual(['node01'])
    expect(lab.sh('node01', 'ip route').stdout).not.toContain('172.17.0.41')
  })

  it('a pool that is deleted in use leaves its pods their addresses, which nobody routes', () => {
    const lab = open()
    lab.delete({ kind: 'IPPool', name: 'pods' })
    expect(addressOf(lab, 'shop/db-0')).toMatch(/^10\.65\./)
    expect(lab.cluster!.ipam.blocks.every(({ affinity }) => affinity === undefined)).toBe(true)
    expect(lab.sh('node01', 'ip route').stdout).not.toContain('tunl0')
    expect(lab.ping('default/client', 'shop/web-0').ok).toBe(true)
    expect(lab.tcp('shop/web-0', 'shop/db-0', 5432).ok).toBe(false)
  })

  it('with a namespace goes all that is in it', () => {
    const lab = open()
    lab.delete({ kind: 'Namespace', name: 'shop' })
    expect(lab.pods).toEqual(['default/client'])
    expect(lab.cluster!.resources.services).toEqual([])
  })

  it('what was changed by hand on machines stays', () => {
    const lab = open()
    lab.sh('node01', 'ip route add 192.0.2.0/24 dev eth0')
    lab.apply(pod('web-1', 'node01'))
    expect(lab.sh('node01', 'ip route').stdout).toContain('192.0.2.0/24')
  })

  it('stepping back gives back what was there', () => {
    const lab = open()
    const saved = lab.snapshot()
    lab.delete({ kind: 'Pod', namespace: 'shop', name: 'db-0' })
    lab.restore(saved)
    expect(lab.pods).toContain('shop/db-0')
    expect(lab.tcp('shop/web-0', 'shop/db-0', 5432).ok).toBe(true)
  })
})

describe('what was changed by hand', () => {
  const chain = (lab: Lab, node: string, name: string) => lab.sh(node, `iptables -S ${name}`).stdout

  it('stays, but where Felix writes on a node all that is its own is as Felix writes it', () => {
    const lab = open()
    const clean = open()
    for (const line of [
      'ip route add 192.0.2.0/24 dev eth0',
      'iptables -I cali-FORWARD -s 192.0.2.1/32 -j DROP',
      'iptables -D OUTPUT 1',
      'iptables -I FORWARD -s 192.0.2.2/32 -j DROP',
      'iptables -N MINE',
      'iptables -N cali-mine',
      'ipset create mine hash:ip',
      'ipset create cali40mine hash:ip',
    ])
      expect(lab.sh('node02', line)).toMatchObject({ stderr: '', exitCode: 0 })
    for (const one of [lab, clean]) one.apply(file(forApp('client')))
    expect(chain(lab, 'node02', 'cali-FORWARD')).toBe(chain(clean, 'node02', 'cali-FORWARD'))
    expect(chain(lab, 'node02', 'OUTPUT')).toBe(chain(clean, 'node02', 'OUTPUT'))
    const [policyLine, ...own] = chain(clean, 'node02', 'FORWARD').trimEnd().split('\n')
    const [first = '', ...last] = own
    const mine = '-A FORWARD -s 192.0.2.2/32 -j DROP'
    expect(chain(lab, 'node02', 'FORWARD').trimEnd().split('\n')).toEqual([policyLine, first, mine, ...last])
    expect(lab.sh('node02', 'iptables -S MINE').ok).toBe(true)
    expect(lab.sh('node02', 'iptables -S cali-mine').ok).toBe(false)
    expect(lab.sh('node02', 'ipset list -n').stdout.split('\n')).toContain('mine')
    expect(lab.sh('node02', 'ipset list -n').stdout).not.toContain('cali40mine')
    expect(lab.sh('node02', 'ip route').stdout).toContain('192.0.2.0/24')
    expect(lab.tcp(...DB).ok).toBe(true)
  })

  it('stays as it is on nodes that the policies are none of, in chains of Felix, too', () => {
    const lab = open()
    lab.sh('node01', 'iptables -I cali-FORWARD -s 192.0.2.1/32 -j DROP')
    lab.apply(file(forApp('client')))
    expect(chain(lab, 'node01', 'cali-FORWARD')).toContain('192.0.2.1')
    lab.apply(policy('GlobalNetworkPolicy', 'all', {}))
    expect(chain(lab, 'node01', 'cali-FORWARD')).not.toContain('192.0.2.1')
  })

  it('after an edit of policies is edited as before it', () => {
    const lab = open().apply(file(forApp('client')))
    lab.edit((draft) => {
      draft.namespaces['node02']!.sysctls['net.ipv4.ip_forward'] = '0'
    })
    expect(lab.tcp(...DB).ok).toBe(false)
    lab.apply(file(forApp('client', 'pg')))
    expect(lab.sh('node02', 'sysctl net.ipv4.ip_forward').stdout).toBe('net.ipv4.ip_forward = 0\n')
    expect(lab.sh('node02', 'sysctl -w net.ipv4.ip_forward=1').ok).toBe(true)
    expect(lab.tcp(...DB).ok).toBe(true)
  })

  it('a namespace that was taken away stays away, and one that was added stays', () => {
    const lab = open()
    lab.edit((draft) => {
      draft.namespaces['new'] = { ...draft.namespaces['shop/web-0']!, name: 'new' }
      delete draft.namespaces['shop/web-0']
    })
    lab.apply(file(forApp('client')))
    expect(lab.pods).not.toContain('shop/web-0')
    expect(Object.keys(lab.network.namespaces)).toContain('new')
    expect(lab.tcp(...DB).ok).toBe(true)
  })
})

describe('stepping back', () => {
  it('over an edit of policies goes back to the objects of then', () => {
    const lab = open()
    lab.tcp(...DB)
    const saved = lab.snapshot()
    const first = lab.tcp(...DB)
    const { cluster, notes } = lab
    lab.apply(file(forApp('client')))
    const later = lab.snapshot()
    const second = lab.tcp(...DB)
    expect([first.ok, second.ok]).toEqual([false, true])
    lab.restore(saved)
    expect(lab.cluster).toBe(cluster)
    expect(lab.notes).toEqual(notes)
    expect(lab.tcp(...DB).stdout).toBe(first.stdout)
    lab.restore(later)
    expect(lab.cluster).not.toBe(cluster)
    expect(lab.tcp(...DB).stdout).toBe(second.stdout)
    lab.restore(saved)
    lab.apply(file(forApp('client')))
    expect(lab.tcp(...DB).ok).toBe(true)
  })
})

describe('Lab.delete', () => {
  it('takes a policy away', () => {
    const lab = open()
    lab.delete(
      { kind: 'NetworkPolicy', namespace: 'shop', name: 'db-from-shop' },
      { kind: 'GlobalNetworkPolicy', name: 'hosts' },
    )
    expect(lab.tcp(...DB).ok).toBe(true)
    expect(lab.policy({ from: DB[0], to: DB[1], port: DB[2] }).verdict).toBe('allowed')
    expect(lab.cluster!.resources.policies.map(({ metadata }) => metadata.name)).toEqual(['no-telnet', 'later', 'idle'])
  })

  it.each<[ObjectReference, RegExp]>([
    [{ kind: 'NetworkPolicy', name: 'idel', namespace: 'shop' }, /did you mean "NetworkPolicy\/shop\/idle"/],
    [{ kind: 'NetworkPolicy', name: 'idle' }, /an object that is in the lab.*received NetworkPolicy\/default\/idle/],
    [{ kind: 'Pod', name: 'web-7', namespace: 'shop' }, /did you mean "Pod\/shop\/web-0"/],
    [{ kind: 'NetworkPolicy' } as ObjectReference, /the reference of an object: { kind, name, namespace }/],
    [{ kind: 'NetworkPolicy', name: 'twice', namespace: 'shop' }, /apiVersion .* or .*: both are there/],
  ])('refuses %o', (reference, words) => {
    const lab = open().apply(
      ['networking.k8s.io/v1', 'projectcalico.org/v3']
        .map(
          (api) =>
            `apiVersion: ${api}\nkind: NetworkPolicy\nmetadata: {name: twice, namespace: shop}\nspec: {podSelector: {}}`,
        )
        .join('\n---\n')
        .replace(/podSelector: {}}$/, 'selector: all()}'),
    )
    const { cluster } = lab
    expect(() => lab.delete(reference)).toThrow(words)
    expect(lab.cluster).toBe(cluster)
    lab.delete({ kind: 'NetworkPolicy', name: 'twice', namespace: 'shop', apiVersion: 'projectcalico.org/v3' })
  })
})

describe('what cannot be applied', () => {
  it.each<[what: string, objects: ObjectsInput, words: RegExp]>([
    [
      'a pod on a node that nobody knows',
      'apiVersion: v1\nkind: Pod\nmetadata: {name: new}\nspec: {nodeName: node07}',
      /input:4.*Pod\/default\/new.*received node07/,
    ],
    [
      'another range for a pool',
      'apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: pods}\nspec: {cidr: 10.9.0.0/16}',
      /input:4.*IPPool\/pods spec.cidr: expected .*, as it was made/,
    ],
    ['a policy that Calico refuses', policy('NetworkPolicy', 'x', { selector: '((' }, 'shop'), /spec.selector/],
    ['a text that is none', 'kind: [', /expected/],
    ['a number', 7 as unknown as string, /expected a text/],
  ])('%s is refused, and nothing is changed', (_, objects, words) => {
    const lab = open()
    const { cluster, network } = lab
    expect(() => lab.apply(objects)).toThrow(words)
    expect([lab.cluster, lab.network]).toEqual([cluster, network])
    expect(lab.cluster).toBe(cluster)
  })

  it('nothing is, to a lab without objects', () => {
    const lab = Lab.fromNetwork(open().network)
    expect(() => lab.apply(forApp('client'))).toThrow('a lab of objects alone')
    expect(() => lab.delete({ kind: 'NetworkPolicy', name: 'x' })).toThrow('received one without objects')
  })
})
