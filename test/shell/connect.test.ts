// nc and curl in the shell: a connection is really opened, and its end is told in the words of the tool of the place.
import { beforeEach, describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { Shell } from '../../src/shell/index.ts'

const pod = (name: string, namespace: string, node: string, labels: object = { app: name }): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels, creationTimestamp: '2024-01-01T00:00:00Z' },
  spec: { nodeName: node, containers: [{ name: 'main' }] },
  status: { podIPs: [] },
})
const items = [
  { apiVersion: 'projectcalico.org/v3', kind: 'IPPool', metadata: { name: 'p' }, spec: { cidr: '10.8.0.0/16' } },
  ...['w1', 'w2'].map((name, i) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, annotations: { 'projectcalico.org/IPv4Address': `172.20.0.${i + 1}/24` } },
  })),
  pod('tool', 'default', 'w1'),
  pod('web-0', 'shop', 'w2'),
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { clusterIP: '10.96.1.1', selector: { app: 'web-0' }, ports: [{ port: 80 }] },
  },
  ...Object.entries({ solo: { app: 'web-0' }, pair: { kind: 'peer' }, none: { app: 'nobody' } }).map(
    ([name, selector]) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'shop' },
      spec: { clusterIP: 'None', selector },
    }),
  ),
  { ...pod('peer-0', 'shop', 'w1', { kind: 'peer' }), status: { podIP: '10.8.0.70' } },
  { ...pod('peer-1', 'shop', 'w2', { kind: 'peer' }), status: { podIP: '10.8.0.9' } },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'far', namespace: 'shop' },
    spec: { type: 'ExternalName', externalName: 'example.com' },
  },
]

let shell: Shell
let address: string
beforeEach(() => {
  const lab = Lab.load(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  shell = new Shell(lab, 'w1')
  address = lab.endpoint('shop/web-0').address ?? ''
})

/** What a line prints as errors, without what packetwalk adds, and its status. */
function typed(netns: string, line: string): readonly [string, number] {
  const { stderr, exitCode, stdout } = shell.executeOn(netns, line)
  expect(stdout).toBe('')
  return [stderr.replace(/^packetwalk: .*\n/gm, '').replaceAll(address, 'ADDR'), exitCode]
}
const DROP = 'iptables -I FORWARD -p tcp -j DROP'
const REJECT = 'iptables -I FORWARD -p tcp -j REJECT'

describe('nc', () => {
  it.each([
    ['default/tool', '', 'nc -zv web-0 80', 'web-0 (ADDR:80) open\n', 0],
    ['default/tool', '', 'nc -z web-0 80', '', 0],
    ['default/tool', DROP, 'nc -zv -w 2 web-0 80', 'nc: web-0 (ADDR:80): Connection timed out\n', 1],
    ['default/tool', REJECT, 'nc -zv web-0 80', 'nc: web-0 (ADDR:80): Connection refused\n', 1],
    ['default/tool', '', 'nc -zv nobody 80', "nc: bad address 'nobody'\n", 1],
    ['w1', '', 'nc -zv web-0 80', 'Connection to web-0 80 port [tcp/*] succeeded!\n', 0],
    ['w1', '', 'nc -zvu web-0 53', 'Connection to web-0 53 port [udp/*] succeeded!\n', 0],
    ['default/tool', 'iptables -I FORWARD -p udp -j REJECT', 'nc -zvu web-0 53', '', 1],
    [
      'w1',
      'iptables -I OUTPUT -p tcp -j DROP',
      'nc -zvw2 web-0 80',
      'nc: connect to web-0 (ADDR) port 80 (tcp) timed out: Operation now in progress\n',
      1,
    ],
    [
      'w1',
      'iptables -I OUTPUT -p tcp -j REJECT',
      'nc -zv web-0 80',
      'nc: connect to web-0 (ADDR) port 80 (tcp) failed: Connection refused\n',
      1,
    ],
    ['w1', '', 'nc -zv web.shop 80', 'nc: getaddrinfo for host "web.shop" port 80: Name or service not known\n', 1],
    ['w1', '', 'nc web-0 80', 'nc: packetwalk opens connections, and carries no data: nc -z\n', 1],
    ['w1', '', 'nc -zv web-0', 'nc: usage: nc -zv [-u] [-w SECONDS] HOST PORT\n', 1],
    ['w1', '', 'nc -zv web-0 99999', 'nc: usage: nc -zv [-u] [-w SECONDS] HOST PORT\n', 1],
    ['w1', '', 'nc -zv -w x web-0 80', 'nc: invalid timeout: x\n', 1],
  ])('in %s after "%s": %s', (netns, rule, line, stderr, status) => {
    if (rule !== '') expect(shell.executeOn('w1', rule).exitCode).toBe(0)
    expect(typed(netns, line)).toEqual([stderr, status])
  })

  it('says what was assumed, and why tells the way', () => {
    const run = shell.executeOn('default/tool', 'nc -zv web-0 80')
    expect(run.stderr).toContain('packetwalk: a program listens on shop/web-0, TCP 80')
    expect(run.trace.hops.length).toBeGreaterThan(5)
    expect(shell.executeOn('w1', 'why').stdout).toContain('tcp 80')
  })
})

describe('curl', () => {
  it.each([
    ['', 'curl http://web-0', '', 0],
    ['', 'curl -sv http://web-0:8080/x?y', '*   Trying ADDR:8080...\n* Connected to web-0 (ADDR) port 8080 (#0)\n', 0],
    [DROP, 'curl -m 2 http://web-0', 'curl: (28) Connection timed out after 2000 milliseconds\n', 28],
    [DROP, 'curl -sm2 http://web-0', '', 28],
    [
      DROP,
      'curl -sS --connect-timeout 1 https://web-0',
      'curl: (28) Failed to connect to web-0 port 443 after 1000 ms: Timeout was reached\n',
      28,
    ],
    ['', 'curl http://nobody', 'curl: (6) Could not resolve host: nobody\n', 6],
    ['', 'curl ftp://web-0', 'curl: (1) Protocol "ftp" not supported or disabled in libcurl\n', 3],
    ['', 'curl http://web-0:0', 'curl: (3) URL using bad/illegal format or missing URL\n', 3],
    ['', 'curl http://', 'curl: (3) URL using bad/illegal format or missing URL\n', 3],
    ['', 'curl', "curl: try 'curl --help' for more information\n", 2],
    ['', 'curl -m x http://web-0', 'curl: expected a proper numerical parameter\n', 2],
  ])('after "%s": %s', (rule, line, stderr, status) => {
    if (rule !== '') expect(shell.executeOn('w1', rule).exitCode).toBe(0)
    expect(typed('default/tool', line)).toEqual([stderr, status])
  })

  it('is refused in the words of the kernel with -v', () => {
    shell.executeOn('w1', REJECT)
    const [stderr, status] = typed('default/tool', 'curl -v http://web-0')
    expect(stderr).toMatch(
      /^\* {3}Trying ADDR:80\.\.\.\n\* connect to ADDR port 80 failed: Connection refused\n\* (Failed to connect to web-0 port 80 after \d+ ms: Couldn't connect to server)\n\* Closing connection 0\ncurl: \(7\) \1\n$/,
    )
    expect(status).toBe(7)
  })
})

describe('names', () => {
  it.each(['web.shop', 'web.shop.svc', 'web.shop.svc.cluster.local', 'web.shop.svc.cluster.local.'])(
    '%s is the Service for a pod, and no name for a node',
    (name) => {
      expect(shell.executeOn('default/tool', `curl -v -m 1 http://${name}`).stderr).toContain('Trying 10.96.1.1:80')
      expect(shell.executeOn('w1', `curl http://${name}`).exitCode).toBe(6)
    },
  )

  it.each(['web', 'web.default', 'a.web.shop.svc', 'example.com'])('%s is no Service for a pod of default', (name) => {
    expect(shell.executeOn('default/tool', `curl http://${name}`)).toMatchObject({
      exitCode: 6,
      stderr: expect.stringContaining(`packetwalk: "${name}" is no name of this cluster`),
    })
  })

  it('a headless Service is its endpoints: of several the first is asked, and it is said', () => {
    const said = (line: string): string => shell.executeOn('default/tool', line).stderr
    expect(said('curl -v -m 1 http://solo.shop:8080')).toContain(`Trying ${address}:8080`)
    expect(said('nc -zv pair.shop 80')).toMatch(
      /^pair\.shop \(10\.8\.0\.9:80\) open\n(?:packetwalk: .*\n)*packetwalk: .*"pair\.shop" is a headless Service: DNS gives 2 addresses in any order, the first that was asked is 10\.8\.0\.9\n/,
    )
  })

  it.each([
    ['none.shop', 'has no address: no endpoint of the headless Service is ready'],
    ['far.shop', 'is no name of this cluster'],
  ])('%s %s', (name, why) => {
    expect(shell.executeOn('default/tool', `nc -zv ${name} 80`).stderr).toBe(
      `nc: bad address '${name}'\npacketwalk: "${name}" ${why}\n`,
    )
  })

  it('a bare name is looked for in the namespace of the pod', () => {
    expect(shell.executeOn('shop/web-0', 'curl -v -m 1 http://web').stderr).toContain('Trying 10.96.1.1:80')
  })
})
