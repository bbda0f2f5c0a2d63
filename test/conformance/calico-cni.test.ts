// What the CNI plugin does on a node, asked as `packetwalk calico` is asked.
import { describe, expect, it } from 'vitest'
import { answerCalico } from '../../src/calico/index.ts'

type Fields = Readonly<Record<string, unknown>>

/** An endpoint of an answer. */
interface Endpoint {
  readonly metadata: { readonly name: string }
  readonly spec: Fields & { readonly ports: readonly unknown[]; readonly mac: string }
}

/** What came of a step: of all kinds of steps, what these tests look at. */
interface Told {
  readonly error: { readonly reason: string; readonly message: string }
  readonly addresses: readonly string[]
  readonly endpoint: Endpoint
  readonly endpoints: readonly Endpoint[]
  readonly allocations: readonly unknown[]
  readonly host: {
    readonly interface: { readonly name: string; readonly mtu: number }
    readonly sysctls: Fields
    readonly routes: readonly string[]
  }
  readonly pod: {
    readonly interface: { readonly name: string; readonly mac: string; readonly mtu: number }
    readonly routes: { readonly ipv4: readonly string[]; readonly ipv6: readonly string[] }
  }
}

const NODE = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'rack-1' },
  spec: { podCIDRs: ['10.40.1.0/24', 'fd40:1::/64'] },
}
const READY = {
  apiVersion: 'projectcalico.org/v3',
  kind: 'ClusterInformation',
  metadata: { name: 'default' },
  spec: { datastoreReady: true },
}
const pool = (name: string, cidr: string, spec: Fields = {}) => ({
  apiVersion: 'projectcalico.org/v3',
  kind: 'IPPool',
  metadata: { name },
  spec: { cidr, ...spec },
})
const EAST = pool('east', '10.71.0.0/26', { blockSize: 28 })
const WEST = pool('west', '10.72.0.0/26', { blockSize: 28 })
const SIX = pool('six', 'fd71::/112', { blockSize: 124 })
const ANNOTATION = (pairs: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(pairs).map(([name, text]) => [`cni.projectcalico.org/${name}`, text]))
const namespace = (pairs: Readonly<Record<string, string>> = {}) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', annotations: ANNOTATION(pairs) },
})
const pod = (name: string, pairs: Readonly<Record<string, string>> = {}, spec: Fields = {}, metadata: Fields = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', annotations: ANNOTATION(pairs), ...metadata },
  spec: { nodeName: 'rack-1', serviceAccountName: 'default', ...spec },
})

const CALICO = { name: 'lan', type: 'calico', ipam: { type: 'calico-ipam' } }
const both = { type: 'calico-ipam', assign_ipv6: 'true' }
const hostLocal = (ipam: Fields, rest: Fields = {}) => ({ ...CALICO, ...rest, ipam: { type: 'host-local', ...ipam } })
const add = (config: Fields = CALICO, rest: Fields = {}) => ({
  do: 'add',
  pod: 'shop/cart-0',
  container: 'c1',
  config,
  ...rest,
})
const del = (config: Fields = CALICO, rest: Fields = {}) => ({ ...add(config, rest), do: 'del' })

function run(steps: readonly object[], ...objects: readonly object[]) {
  const answer = answerCalico({ verb: 'cni', node: 'rack-1', objects: [NODE, READY, namespace(), ...objects], steps })
  return 'result' in answer
    ? (answer.result as { steps: readonly [Told, Told, Told, Told, Told] }).steps
    : [answer as unknown as Told]
}

describe('ADD', () => {
  it('wires a pod: endpoint, host end, routes [cni.md §3, §4, §6]', () => {
    const web = pod(
      'cart-0',
      {},
      { containers: [{ ports: [{ name: 'http', containerPort: 8080 }, { containerPort: 9 }] }] },
      { labels: { app: 'cart' }, generateName: 'cart-' },
    )
    const [done] = run([add({ ...CALICO, mtu: 1440 })], web, EAST)
    const [address = ''] = done.addresses
    expect(address).toMatch(/^10\.71\.0\.\d+\/32$/)
    const host = done.host.interface.name
    expect(host).toMatch(/^cali[0-9a-f]{11}$/)
    expect(done).toMatchObject({
      error: null,
      endpoint: {
        kind: 'WorkloadEndpoint',
        metadata: {
          name: 'rack--1-k8s-cart--0-eth0',
          namespace: 'shop',
          generateName: 'cart-',
          labels: {
            app: 'cart',
            'projectcalico.org/namespace': 'shop',
            'projectcalico.org/orchestrator': 'k8s',
            'projectcalico.org/serviceaccount': 'default',
          },
        },
        spec: {
          node: 'rack-1',
          pod: 'cart-0',
          containerID: 'c1',
          endpoint: 'eth0',
          interfaceName: host,
          mac: done.pod.interface.mac,
          ipNetworks: [address],
          profiles: ['kns.shop', 'ksa.shop.default'],
          ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
        },
      },
      host: {
        interface: { name: host, mac: 'ee:ee:ee:ee:ee:ee', mtu: 1440, up: true },
        routes: [`${address.replace('/32', '')} dev ${host} scope link`],
      },
      pod: {
        interface: { name: 'eth0', mtu: 1440 },
        routes: { ipv4: ['default via 169.254.1.1 dev eth0', '169.254.1.1 dev eth0 scope link'], ipv6: [] },
      },
    })
    expect(done.endpoint.spec.ports).toHaveLength(1)
    expect(done.host.sysctls).toEqual({
      [`net.ipv4.conf.${host}.route_localnet`]: '1',
      [`net.ipv4.neigh.${host}.proxy_delay`]: '0',
      [`net.ipv4.conf.${host}.proxy_arp`]: '1',
      [`net.ipv4.conf.${host}.forwarding`]: '1',
      [`net.ipv6.conf.${host}.accept_ra`]: '0',
    })
  })

  it('gives both families routes and settings of their own [cni.md §3]', () => {
    const [done] = run([add({ ...CALICO, ipam: both })], pod('cart-0'), EAST, SIX)
    const [, address] = done.addresses.map((one) => one.replace(/\/.*/, ''))
    const host = done.host.interface.name
    expect(done.host.routes[1]).toBe(`${address} dev ${host} metric 1024 pref medium`)
    expect(done.host.sysctls).toMatchObject({ [`net.ipv6.conf.${host}.proxy_ndp`]: '1' })
    expect(done.pod.routes.ipv6).toEqual([
      `${address} dev eth0 proto kernel metric 256 pref medium`,
      'fe80::/64 dev eth0 proto kernel metric 256 pref medium',
      'default via fe80::ecee:eeff:feee:eeee dev eth0 metric 1024 pref medium',
    ])
  })

  it.each<[string, object, object, object?]>([
    ['of the configuration', { ...CALICO, mtu: 1300 }, { files: { '/var/lib/calico/mtu': '1450' } }],
    ['of Felix’ file', CALICO, { files: { '/var/lib/calico/mtu': ' 1300\n' } }],
    ['of a whole conflist', { name: 'lan', plugins: [{ ...CALICO, mtu: 1300 }, { type: 'portmap' }] }, {}],
  ])('has the MTU %s [cni.md §5]', (_name, config, rest) => {
    const [done] = run([add(config as Fields, rest as Fields)], pod('cart-0'), EAST)
    expect([done.error, done.pod.interface.mtu, done.host.interface.mtu]).toEqual([null, 1300, 1300])
  })

  it('has the kernel’s MTU where nothing says one [cni.md §5]', () => {
    expect(run([add()], pod('cart-0'), EAST)[0].pod.interface.mtu).toBe(1500)
  })

  it.each<[string, Readonly<Record<string, string>>, Fields, RegExp]>([
    ['pools of the pod before those of its namespace', { ipv4pools: '["west"]' }, CALICO, /^10\.72/],
    [
      'pools of the namespace before those of the configuration',
      {},
      { ...CALICO, ipam: { type: 'calico-ipam', ipv4_pools: ['10.72.0.0/26'] } },
      /^10\.71/,
    ],
    ['a fixed address', { ipAddrs: '["10.72.0.9"]' }, CALICO, /^10\.72\.0\.9\/32$/],
    [
      'an address past IPAM',
      { ipAddrsNoIpam: '["192.0.2.7"]' },
      { ...CALICO, feature_control: { ip_addrs_no_ipam: true } },
      /^192\.0\.2\.7\/32$/,
    ],
    ['one family by annotation', { ipFamilies: '["IPv6"]' }, CALICO, /^fd71::/],
  ])('takes %s', (_name, annotations, config, want) => {
    const [done] = run(
      [add(config)],
      namespace({ ipv4pools: '["10.71.0.0/26"]' }),
      pod('cart-0', annotations),
      EAST,
      WEST,
      SIX,
    )
    expect([done.error, done.addresses]).toEqual([null, [expect.stringMatching(want)]])
  })

  it('leaves the host’s route to a fixed address to Felix from v3.32 on [cni.md §3]', () => {
    const objects = [NODE, READY, pod('cart-0', { ipAddrs: '["10.71.0.9"]' }), EAST]
    const routes = (calicoVersion: string) => {
      const answer = answerCalico({ verb: 'cni', calicoVersion, node: 'rack-1', objects, steps: [add()] })
      return (answer as { readonly result: { readonly steps: readonly Told[] } }).result.steps[0]!.host.routes
    }
    expect([routes('v3.31.0').length, routes('v3.32.0').length]).toEqual([1, 0])
  })

  it('writes floating addresses and allowed sources into the endpoint', () => {
    const annotations = { floatingIPs: '["198.51.100.4","2001:db8::4"]', allowedSourcePrefixes: '["203.0.113.9/24"]' }
    const config = { ...CALICO, ipam: both, feature_control: { floating_ips: true } }
    const [done] = run([add(config)], pod('cart-0', annotations), EAST, SIX)
    const [four, six] = done.addresses.map((one) => one.replace(/\/.*/, ''))
    expect(done.endpoint.spec).toMatchObject({
      ipNATs: [
        { internalIP: four, externalIP: '198.51.100.4' },
        { internalIP: six, externalIP: '2001:db8::4' },
      ],
      allowSpoofedSourcePrefixes: ['203.0.113.0/24'],
    })
  })

  it('gives the MAC that is asked for', () => {
    const [done] = run([add()], pod('cart-0', { hwAddr: '02:00:5e:00:53:01' }), EAST)
    expect([done.pod.interface.mac, done.endpoint.spec.mac]).toEqual(['02:00:5e:00:53:01', '02:00:5e:00:53:01'])
  })

  it('takes the profile of the network where policy is not Kubernetes’', () => {
    const [done] = run([add({ ...CALICO, policy: {} })], pod('cart-0', { ipAddrs: '["10.71.0.9"]' }), EAST)
    expect(done.endpoint.spec['profiles']).toEqual(['lan'])
    expect(done.addresses).not.toEqual(['10.71.0.9/32'])
  })

  it.each<[string, Fields, string]>([
    ['the configuration', { nodename: 'Alias', hostname: 'old' }, 'Alias'],
    ['the file', { hostname: 'old' }, 'rack-1'],
    ['the configuration of old, without the file', { hostname: 'old', nodename_file_optional: true }, 'old'],
  ])('calls the node as %s says [cni.md §1]', (_name, more, node) => {
    const [done] = run([add(hostLocal({ subnet: '10.50.0.0/24' }, more))], pod('cart-0'))
    expect(done.endpoint.spec['node']).toBe(node)
  })
})

describe('host-local', () => {
  it('goes on behind the last address, and gives the node’s ranges', () => {
    const config = hostLocal({ ranges: [[{ subnet: 'usePodCidr' }], [{ subnet: 'usePodCidrIPv6' }]] })
    const again = { container: 'c2' }
    const steps = run([add(config), del(config), add(config, again)], pod('cart-0'))
    expect([steps[0].addresses, steps[2].addresses]).toEqual([
      ['10.40.1.2/32', 'fd40:1::2/128'],
      ['10.40.1.3/32', 'fd40:1::3/128'],
    ])
  })

  it('puts its own routes in place of the usual ones, or beside them [cni.md §3]', () => {
    const ipam = { subnet: '10.50.0.0/24', routes: [{ dst: '10.9.0.0/16', gw: '10.9.0.1' }, { gw: '10.9.0.2' }] }
    const linesOf = (rest: Fields) => run([add(hostLocal(ipam, rest))], pod('cart-0'))[0].pod.routes.ipv4
    expect(linesOf({})).toEqual(['10.9.0.0/16 via 169.254.1.1 dev eth0', '169.254.1.1 dev eth0 scope link'])
    expect(linesOf({ include_default_routes: true })).toHaveLength(3)
  })

  it.each<[string, Fields, Fields?]>([
    ['a range without room', { subnet: '10.50.0.0/31' }],
    ['a range with host bits', { subnet: '10.50.0.7/24' }],
    ['no range', {}],
    ['routes that are none', { subnet: '10.50.0.0/24', routes: [{ dst: 'lan' }] }],
    ['IPv6 of a node without', { subnet: 'usePodCidrIPv6' }, { spec: { podCIDR: '10.40.1.0/24' } }],
    ['a node without ranges', { subnet: 'usePodCidr' }, { spec: {} }],
  ])('refuses %s', (_name, ipam, node = {}) => {
    const [done] = run([add(hostLocal(ipam))], { ...NODE, ...node }, pod('cart-0'))
    expect(done).toMatchObject({ error: { reason: 'other' }, addresses: [], endpoint: null, host: { interface: null } })
  })

  it('runs out', () => {
    const config = hostLocal({ subnet: '10.50.0.0/30' })
    const pods = [pod('cart-0'), pod('cart-1')]
    const steps = run([add(config), add(config, { pod: 'shop/cart-1', container: 'c2' })], ...pods)
    expect(steps.map(({ error }) => error?.message ?? null)).toEqual([
      null,
      expect.stringContaining('no IP addresses available'),
    ])
  })

  it('of another network gives an address that the host has a route to already', () => {
    const config = (name: string) => ({ ...hostLocal({ subnet: '10.50.0.0/24' }), name })
    const pods = [pod('cart-0'), pod('cart-1')]
    const [first, second] = run([add(config('a')), add(config('b'), { pod: 'shop/cart-1', container: 'c2' })], ...pods)
    expect(second).toMatchObject({ error: { reason: 'other' }, addresses: [], endpoint: null })
    expect(second.error.message).toContain(first.host.interface.name)
  })
})

describe('a refusal', () => {
  it.each<[string, string, Readonly<Record<string, string>>, Fields?]>([
    ['both kinds of fixed addresses', 'annotation', { ipAddrs: '["10.71.0.9"]', ipAddrsNoIpam: '["10.71.0.8"]' }],
    ['a feature that is off', 'annotation', { ipAddrsNoIpam: '["10.71.0.8"]' }],
    ['two addresses of a family', 'annotation', { ipAddrs: '["10.71.0.8","10.71.0.9"]' }],
    ['an empty list', 'annotation', { ipAddrs: '[]' }],
    ['an address that is none', 'annotation', { ipAddrs: '["ten"]' }],
    ['a list that is none', 'annotation', { ipAddrs: '10.71.0.8' }],
    ['families that are none', 'annotation', { ipFamilies: '["ipv4"]' }],
    ['pools that are no list', 'annotation', { ipv4pools: 'east' }],
    ['sources that are none', 'annotation', { allowedSourcePrefixes: '["lan"]' }],
    [
      'fixed addresses with host-local',
      'annotation',
      { ipAddrs: '["10.50.0.9"]' },
      hostLocal({ subnet: '10.50.0.0/24' }),
    ],
    ['an address of no pool', 'not-in-pool', { ipAddrs: '["10.99.0.9"]' }],
    ['a pool that is not there', 'pool-unusable', { ipv4pools: '["north"]' }],
    ['a range that is no pool', 'pool-unusable', { ipv4pools: '["10.99.0.0/24"]' }],
    ['a family without pools', 'no-pool', {}, { ...CALICO, ipam: both }],
    ['a name that is none', 'other', {}, { ...CALICO, name: 'my lan' }],
    ['an MTU that is a text', 'other', {}, { ...CALICO, mtu: '1500' }],
    ['a later version of CNI', 'other', {}, { ...CALICO, cniVersion: '1.1.0' }],
    ['a device that is none', 'other', {}, { ...CALICO, device_type: 'bridge' }],
    ['a dataplane that is none', 'other', {}, { ...CALICO, dataplane_options: { type: 'ovs' } }],
    ['an MTU’s file that is not there', 'other', {}, { ...CALICO, require_mtu_file: true }],
    ['a readiness gate that is none', 'other', {}, { ...CALICO, readiness_gates: ['soon'] }],
  ])('for %s: %s', (_name, reason, annotations, config = CALICO) => {
    const [done, all] = run([add(config), { do: 'endpoints' }], pod('cart-0', annotations), EAST)
    expect(done).toMatchObject({ error: { reason, message: expect.any(String) }, addresses: [], endpoint: null })
    expect(all).toEqual({ endpoints: [] })
  })

  it.each([
    ['false', { datastoreReady: false }],
    ['missing', {}],
  ])('while datastoreReady is %s, of ADD and DEL [cni.md §1]', (_name, spec) => {
    const steps = run([add(), { do: 'apply', objects: [{ ...READY, spec }] }, add(), del()], pod('cart-0'), EAST)
    expect([steps[0].error, steps[2].error.reason, steps[3].error.reason]).toEqual([null, 'not-ready', 'not-ready'])
    expect(steps[3].host.interface).not.toBeNull()
  })

  it('gives addresses back: floating addresses that are off, a MAC that is none', () => {
    for (const annotations of [{ floatingIPs: '["198.51.100.4"]' }, { hwAddr: 'soft' }]) {
      const [done, left] = run([add(), { do: 'allocations' }], pod('cart-0', annotations), EAST)
      expect([done.error.reason, left]).toEqual(['annotation', { allocations: [] }])
    }
  })

  it('of a second container leaves the first one’s address', () => {
    const steps = run(
      [
        add(),
        { do: 'apply', objects: [pod('cart-0', { ipv4pools: '["north"]' })] },
        add(CALICO, { container: 'c2' }),
        { do: 'handle', handle: 'lan.c1' },
      ],
      pod('cart-0'),
      EAST,
    )
    expect(steps[2].error.reason).toBe('pool-unusable')
    expect(steps[2].endpoint.spec['containerID']).toBe('c1')
    expect(steps[3].addresses).toHaveLength(1)
  })
})

describe('DEL', () => {
  it('takes all away, and again finds nothing to do [cni.md §7]', () => {
    const steps = run([add(), del(), del(), { do: 'endpoints' }, { do: 'allocations' }], pod('cart-0'), EAST)
    expect(steps[1]).toEqual({
      error: null,
      host: { interface: null, sysctls: {}, routes: [] },
      pod: { interface: null, routes: { ipv4: [], ipv6: [] } },
    })
    expect(steps.slice(2)).toMatchObject([{ error: null }, { endpoints: [] }, { allocations: [] }])
  })

  it('of an earlier container leaves endpoint and veth of the later one [cni.md §7]', () => {
    const later = { container: 'c2' }
    const steps = run(
      [add(), add(CALICO, later), del(), { do: 'endpoints' }, { do: 'allocations' }],
      pod('cart-0'),
      EAST,
    )
    expect(steps[0].addresses).not.toEqual(steps[1].addresses)
    expect(steps[0].pod.interface.mac).not.toBe(steps[1].pod.interface.mac)
    expect(steps[2]).toMatchObject({ error: null, host: { interface: { up: true } }, pod: { interface: null } })
    expect(steps[3].endpoints).toMatchObject([{ spec: { containerID: 'c2', ipNetworks: steps[1].addresses } }])
    expect(steps[4].allocations).toHaveLength(1)
  })
})

describe('what is stored before the first call', () => {
  const stored = {
    apiVersion: 'projectcalico.org/v3',
    kind: 'WorkloadEndpoint',
    metadata: { name: 'rack--1-k8s-cart--0-eth0', namespace: 'shop' },
    spec: { node: 'rack-1', pod: 'cart-0', endpoint: 'eth0', containerID: 'c0', ipNetworks: ['10.71.0.3/32'] },
  }

  it('is an endpoint that DEL of another container leaves, and of its own takes away', () => {
    const steps = run([del(), { do: 'endpoints' }, del(CALICO, { container: 'c0' }), { do: 'endpoints' }], stored, EAST)
    expect([steps[1].endpoints.length, steps[3].endpoints.length]).toEqual([1, 0])
  })

  it('gives its fixed address to the next container', () => {
    const fixed = pod('cart-0', { ipAddrs: '["10.71.0.3"]' })
    const held = { do: 'assign', node: 'rack-1', address: '10.71.0.3', handle: 'lan.c0', use: 'Workload' }
    const steps = run([held, add(), { do: 'inspect', address: '10.71.0.3' }], stored, fixed, EAST)
    expect([steps[1].error, steps[2]]).toMatchObject([null, { handle: 'lan.c1' }])
  })

  it('are addresses under the handles of old, which DEL gives back [cni.md §7]', () => {
    const old = { do: 'assign', node: 'rack-1', address: '10.71.0.3', handle: 'shop.cart-0' }
    expect(run([old, del(), { do: 'allocations' }], EAST)[2]).toEqual({ allocations: [] })
  })
})

describe('a pod has one endpoint', () => {
  it('also when the plugin is called for another interface; one with a similar name has its own', () => {
    const steps = run(
      [
        add(),
        add(CALICO, { interface: 'net1' }),
        add(CALICO, { pod: 'shop/cart-0-1', container: 'c2' }),
        { do: 'endpoints' },
      ],
      pod('cart-0'),
      pod('cart-0-1'),
      EAST,
    )
    expect(steps[1].pod.interface.name).toBe('net1')
    expect(steps[1].endpoint).toMatchObject({
      metadata: { name: 'rack--1-k8s-cart--0-eth0' },
      spec: { endpoint: 'eth0' },
    })
    expect(steps[3].endpoints.map(({ metadata }) => metadata.name)).toEqual([
      'rack--1-k8s-cart--0--1-eth0',
      'rack--1-k8s-cart--0-eth0',
    ])
  })
})

describe('what is not modelled is named', () => {
  it.each<[string, Fields]>([
    ['the IPAM plugin "static"', { ...CALICO, ipam: { type: 'static' } }],
    ['device_type netkit', { ...CALICO, device_type: 'netkit' }],
    ['dataplane_options of type grpc', { ...CALICO, dataplane_options: { type: 'grpc' } }],
    [
      'readiness_gates: whether http://localhost:5000 answers',
      { ...CALICO, readiness_gates: ['http://localhost:5000'] },
    ],
  ])('%s', (unsupported, config) => {
    expect(run([add(config)], pod('cart-0'), EAST)).toEqual([{ unsupported }])
  })
})
