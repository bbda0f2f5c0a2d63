// What people write for a destination: Services, their DNS names, ports by number and by name, the outside, bare protocols.
import { beforeAll, describe, expect, it } from 'vitest'
import { Lab, splitPort } from '../../src/lab/index.ts'
import { InputError } from '../../src/model/index.ts'

const pod = (name: string, namespace: string, node: string, ports: readonly object[] = []): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels: { app: name } },
  spec: { nodeName: node, containers: [{ name: 'main', ports }] },
})
const service = (name: string, namespace: string, clusterIP: string, ports: readonly object[]): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec: { clusterIP, selector: { app: name }, ports },
})
const OBJECTS = [
  {
    apiVersion: 'projectcalico.org/v3',
    kind: 'IPPool',
    metadata: { name: 'p' },
    spec: { cidr: '10.8.0.0/16', natOutgoing: true },
  },
  ...['w1', 'w2.example.com'].map((name, i) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, annotations: { 'projectcalico.org/IPv4Address': `172.20.0.${i + 1}/24` } },
  })),
  pod('db-0', 'data', 'w1', [
    { name: 'pg', containerPort: 5432 },
    { name: 'stats', containerPort: 9187, protocol: 'UDP' },
    { name: 'sig', containerPort: 3868, protocol: 'SCTP' },
  ]),
  pod('db-0', 'default', 'w1'),
  pod('tool', 'default', 'w2.example.com'),
  pod('both', 'shop', 'w1'),
  service('web', 'shop', '10.96.1.1', [
    { name: 'http', port: 80, targetPort: 8080 },
    { name: 'dns', port: 53, protocol: 'UDP' },
    { name: 'dns-tcp', port: 53 },
  ]),
  service('web', 'default', '10.96.1.2', [{ port: 80 }]),
  service('cart', 'shop', '10.96.1.3', [{ port: 80, nodePort: 30080, name: 'cart-http' }]),
  service('both', 'shop', '10.96.1.4', [{ port: 80 }]),
]
let lab: Lab
beforeAll(() => {
  lab = Lab.load(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: OBJECTS }))
})

describe('endpoints', () => {
  it.each([
    ['svc/shop/web', undefined, 'svc/shop/web', '10.96.1.1'],
    ['service/web', 'shop', 'svc/shop/web', '10.96.1.1'],
    ['svc/web', undefined, 'svc/default/web', '10.96.1.2'],
    ['svc/cart', undefined, 'svc/shop/cart', '10.96.1.3'],
    ['web.shop.svc.cluster.local', undefined, 'svc/shop/web', '10.96.1.1'],
    ['web.shop.svc', undefined, 'svc/shop/web', '10.96.1.1'],
    ['web.shop', undefined, 'svc/shop/web', '10.96.1.1'],
    ['web.shop', 'data', 'svc/shop/web', '10.96.1.1'],
    ['web', undefined, 'svc/default/web', '10.96.1.2'],
    ['web', 'shop', 'svc/shop/web', '10.96.1.1'],
    ['cart', undefined, 'svc/shop/cart', '10.96.1.3'],
    // a pod or a node comes before a Service of that name
    ['both', undefined, 'shop/both', '10.8.'],
    ['w2.example.com', undefined, 'node/w2.example.com', '172.20.0.2'],
    ['db-0', undefined, 'default/db-0', '10.8.'],
    ['pod/db-0', undefined, 'default/db-0', '10.8.'],
    ['db-0', 'data', 'data/db-0', '10.8.'],
    ['internet', undefined, 'internet', '203.0.113.2'],
  ])('%s with -n %s is %s', (word, namespace, label, address) => {
    const found = lab.endpoint(word, namespace)
    expect([found.label, found.address?.startsWith(address)]).toEqual([label, true])
    expect(lab.endpoint(found.label)).toEqual(found)
  })

  it.each([
    ['svc/shop/wbe', undefined, 'the name of a Service of namespace shop; there are web, cart, both'],
    ['crat', undefined, 'svc/NAMESPACE/NAME, node/NAME or an address; did you mean "svc/shop/cart"?'],
    ['cart.data', undefined, 'svc/NAMESPACE/NAME'],
    ['cart', 'data', 'NAMESPACE/POD, svc/NAMESPACE/NAME, node/NAME or an address (without a namespace: in data)'],
  ])('%s with -n %s is refused: %s', (word, namespace, message) => {
    expect(() => lab.endpoint(word, namespace)).toThrow(InputError)
    expect(() => lab.endpoint(word, namespace)).toThrow(message)
  })

  it('the internet is not where no router leads to it', () => {
    const [, ...others] = OBJECTS
    const alone = Lab.load(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: others.slice(-1) }))
    expect(() => alone.endpoint('internet')).toThrow('an underlay with a router that leads to the internet')
  })

  it('the internet answers, and asks', () => {
    expect(lab.tcp('default/tool', 'internet', 443).ok).toBe(true)
    expect(lab.ping('internet', 'node/w1').ok).toBe(true)
  })
})

describe('ports', () => {
  it.each([
    ['shop/web:80', 'shop/web', { port: 80, protocol: undefined }],
    ['svc/shop/web:http', 'svc/shop/web', { port: 'http', protocol: undefined }],
    ['web.shop:dns/UDP', 'web.shop', { port: 'dns', protocol: 'udp' }],
    ['10.0.0.1:53/udp', '10.0.0.1', { port: 53, protocol: 'udp' }],
    ['[fd00::1]:53/tcp', 'fd00::1', { port: 53, protocol: 'tcp' }],
    ['[fd00::1]', 'fd00::1', undefined],
    ['fd00::1', 'fd00::1', undefined],
    ['shop/web', 'shop/web', undefined],
  ])('%s is %s and %o', (word, to, port) => {
    expect(splitPort(word)).toEqual({ to, port })
  })

  it.each([
    ['a:0', 'a port from 1 to 65535, or its name, with /udp behind it for UDP, received 0'],
    ['a:65536', 'received 65536'],
    ['a:', 'received none'],
    ['a:80/tcp/x', 'received 80/tcp/x'],
    ['a:-x', 'received -x'],
    ['a:a-name-that-is-long', 'received a-name-that-is-long'],
    ['a:80/sctp', 'tcp or udp behind the port: packetwalk sends no other protocol with ports, received 80/sctp'],
  ])('%s is refused: %s', (word, message) => {
    expect(() => splitPort(word)).toThrow(message)
  })

  it.each([
    ['svc/shop/web', 'http', undefined, { number: 80, protocol: 'tcp' }],
    ['svc/shop/web', 'dns', undefined, { number: 53, protocol: 'udp' }],
    ['svc/shop/web', 'dns-tcp', 'tcp', { number: 53, protocol: 'tcp' }],
    ['svc/shop/web', 53, undefined, { number: 53, protocol: 'tcp' }],
    ['svc/shop/web', 53, 'udp', { number: 53, protocol: 'udp' }],
    ['10.96.1.1', 'http', undefined, { number: 80, protocol: 'tcp' }],
    ['data/db-0', 'pg', undefined, { number: 5432, protocol: 'tcp' }],
    ['data/db-0', 'stats', undefined, { number: 9187, protocol: 'udp' }],
    ['node/w1', 'cart-http', undefined, { number: 30080, protocol: 'tcp' }],
  ] as const)('of %s: %s for %s is %o', (to, port, protocol, found) => {
    expect(lab.port(to, port, protocol)).toEqual(found)
  })

  it.each([
    ['svc/shop/web', 'htpt', undefined, 'a port of svc/shop/web; did you mean "http"?'],
    ['svc/default/web', 'http', undefined, 'nothing there names its ports'],
    ['svc/shop/web', 'dns', 'tcp', 'a port of svc/shop/web for TCP, received "dns", which is 53/UDP'],
    ['data/db-0', 'sig', undefined, 'a port of data/db-0 for TCP or UDP, received "sig", which is 3868/SCTP'],
    ['internet', 'http', undefined, 'the number or the name of a port of internet'],
  ] as const)('of %s: %s for %s is refused: %s', (to, port, protocol, message) => {
    expect(() => lab.port(to, port, protocol)).toThrow(InputError)
    expect(() => lab.port(to, port, protocol)).toThrow(message)
  })

  it('tcp and udp take names; the trace says what was written', () => {
    const run = lab.tcp('default/tool', 'data/db-0', 'pg')
    expect([run.ok, run.trace.title]).toEqual([true, 'TCP from default/tool to data/db-0:pg'])
    expect(lab.udp('default/tool', 'data/db-0', 'stats').ok).toBe(true)
    expect(() => lab.udp('default/tool', 'data/db-0', 'pg')).toThrow('for UDP, received "pg", which is 5432/TCP')
  })
})

describe('a bare protocol', () => {
  it('is one packet, which a program there takes in', () => {
    const run = lab.raw('default/tool', 'data/db-0', 132)
    expect([run.ok, run.outcome, run.trace.disposition.kind]).toEqual([true, 'sent', 'delivered'])
    expect(run.notes.map(({ what }) => what)).toEqual([
      'a program listens on data/db-0, protocol 132; --no-server for none',
    ])
  })

  it('is refused by the kernel where no program takes it in', () => {
    const run = lab.raw('default/tool', 'data/db-0', 132, { server: false })
    expect([run.ok, run.stdout]).toEqual([
      false,
      expect.stringMatching(/^error ENOPROTOOPT icmp type=3 code=2 from 10\.8/),
    ])
  })

  it.each([
    [{ ttl: 1 }, /^error EHOSTUNREACH icmp type=11 code=0/],
    [{ size: 1600, dontFragment: true }, /EMSGSIZE/],
    [{ source: '10.9.9.9' }, /^send error: EADDRNOTAVAIL$/],
  ] as const)('with %o: %s', (options, outcome) => {
    const run = lab.raw('default/tool', 'data/db-0', 47, options as object)
    expect([run.ok, run.outcome]).toEqual([false, expect.stringMatching(outcome)])
  })

  it.each([
    [1, 'ping sends ICMP'],
    [6, 'a port behind the destination asks with TCP'],
    [17, 'asks with UDP'],
    [58, 'ping sends ICMPv6'],
    [256, 'protocol: expected a whole number from 0 to 255, received 256'],
  ])('%i is refused: %s', (protocol, message) => {
    expect(() => lab.raw('default/tool', 'data/db-0', protocol)).toThrow(message)
  })
})
