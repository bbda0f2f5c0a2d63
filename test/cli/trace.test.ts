import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync, zipSync } from 'fflate'
import { afterAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { literalPattern } from '../../src/model/index.ts'
import { readPcapng } from '../../src/wire/index.ts'
import { packTar } from '../../tools/tar.mjs'
import { capturedState, dumpOf } from '../support/dumps.ts'
import { type Schema, violations } from '../trace/json-schema.ts'
import { demo, openCli, VERSION } from './run.ts'

const cli = openCli()
afterAll(() => cli.close())

const FILE = demo('ipip.yaml')
const TRACE = ['trace', '-q', '-f', FILE]
const FROM = 'default/busybox-deployment-8c7dc8548-x6ljh'
const TO = 'default/busybox-deployment-8c7dc8548-btnkv'

describe('exit status', () => {
  it.each([
    [
      '0: delivered and answered',
      ['trace', '-f', FILE, '--from', FROM, '--to', TO],
      0,
      / {3}answered in 0\.0\d ms {3}ipip, 2 routers\n/,
    ],
    [
      '0: ends are chosen: two pods on two nodes',
      ['trace', '-f', FILE],
      0,
      / {3}answered in 0\.0\d ms {3}ipip, 2 routers\n/,
    ],
    ['0: a connection to a port', ['trace', '-f', FILE, '-S', FROM, '-D', `${TO}:5300`], 0, /tcp 5300 {3}answered/],
    [
      '0: a datagram by --udp',
      ['trace', '-f', FILE, '-S', FROM, '-D', `${TO}:5300`, '--udp'],
      0,
      /udp 5300 {3}answered/,
    ],
    [
      '0: a bare protocol',
      ['trace', '-f', FILE, '-S', FROM, '-D', TO, '--protocol', '47'],
      0,
      /47 \(GRE\) {3}delivered/,
    ],
    [
      '0: a source port',
      ['trace', '-f', FILE, '-S', FROM, '-D', `${TO}:5300`, '--source-port', '1234', '-o', 'tcpdump'],
      0,
      /\.1234 > 192\.168\.196\.131\.5300: Flags \[S\]/,
    ],
    ['0: a datagram to a port', ['trace', '-f', FILE, '-S', FROM, '-D', `${TO}:5300/udp`], 0, /udp 5300 {3}answered/],
    [
      "0: kubectl's words",
      [...TRACE, '-n', 'default', '-S', 'node/node01', '-D', 'deploy/busybox-deployment'],
      0,
      /answered/,
    ],
    ['0: help', ['--help'], 0, /Commands:[\s\S]*trace[\s\S]*Exit status: 0 delivered/],
    ['0: help of a command', ['help', 'show'], 0, /--node <name>/],
    ['0: version', ['--version'], 0, new RegExp(`^${literalPattern(VERSION)}\n$`)],
    ['1: not delivered', ['trace', '-f', FILE, '--from', FROM, '--to', TO, '--ttl', '1'], 1, /time to live exceeded/],
  ] as const)('%s', (_name, args, status, stdout) => {
    const run = cli.run(args)
    expect([run.status, run.stderr.includes('    at ')]).toEqual([status, false])
    expect(run.stdout).toMatch(stdout)
  })

  it.each([
    ['a command that is none', ['trase'], /unknown command 'trase'\s+\(Did you mean trace\?\)/],
    ['an option that is none', [...TRACE, '--form', 'x'], /unknown option '--form'\s+\(Did you mean --from\?\)/],
    ['no input', ['trace'], /expected -f FILE .*, --dump DIR .*, or both, received neither/],
    ['no such file', ['trace', '-f', 'nope.yaml'], /packetwalk: nope\.yaml: no such file or directory/],
    ['a form that is none', [...TRACE, '-o', 'jsn'], /'jsn' is invalid\. Allowed choices are text, json/],
    ['a number that is none', [...TRACE, '--ttl', 'many'], /expected a whole number/],
    ['a pod that is none', [...TRACE, '--from', `${FROM}x`], new RegExp(`did you mean "${FROM}"\\?`)],
    ['a node that is none', ['show', 'route', '-f', FILE, '--node', 'node02'], /did you mean "node\/node01"\?/],
    [
      'neither node nor pod',
      ['show', 'route', '-f', FILE],
      /expected either --node NAME or --pod NAMESPACE\/POD, received none/,
    ],
    ['node and pod', ['show', 'route', '-f', FILE, '--node', 'node01', '--pod', FROM], /received both/],
    [
      'a table that is none',
      ['show', 'routes', '-f', FILE, '--node', 'node01'],
      /'routes' is invalid.*Allowed choices are route, addr/,
    ],
    [
      'a folder of captures that is none',
      ['replay', '--out', 'o', '.'],
      /a folder with scenario\.json, or a folder of such folders/,
    ],
    ['a dump that is none', ['trace', '--dump', demo('')], /expected a folder a machine with link\.json/],
    [
      'no port',
      [...TRACE, '--to', `${TO}:99999`],
      /--to: expected a port from 1 to 65535, or its name, with \/udp behind it for UDP, received 99999/,
    ],
    [
      'a protocol that is none',
      [...TRACE, '--to', `${TO}:80/sctp`],
      /--to: expected tcp or udp behind the port: packetwalk sends no other protocol with ports, received 80\/sctp\n\(packetwalk trace --help shows its options\)/,
    ],
    [
      'a protocol by its number',
      [...TRACE, '--to', `${TO}:80/136`],
      /sends no other protocol with ports, received 80\/136/,
    ],
    ['--sctp', [...TRACE, '--sctp', '--to', `${TO}:80`], /SCTP is not sent, received --sctp/],
    ['--udp without a port', [...TRACE, '--udp', '--to', TO], /expected a UDP port behind --to.*, received none/],
    ['--udp with TCP', [...TRACE, '--udp', '--to', `${TO}:80/tcp`], /received 80\/tcp/],
    [
      'two protocols',
      [...TRACE, '--udp', '--tcp', '--to', `${TO}:80`],
      /expected one protocol, received --tcp and --udp/,
    ],
    [
      '--protocol with a port',
      [...TRACE, '--protocol', '47', '--to', `${TO}:80`],
      /a bare protocol has none, received :80/,
    ],
    ['--protocol with a way of its own', [...TRACE, '--protocol', '1', '--to', TO], /ping sends ICMP, received 1/],
    [
      '--backend that is none',
      [...TRACE, '--to', TO, '--backend', 'x'],
      /expected a pod that is an endpoint of a Service/,
    ],
    ['--source-port of a ping', [...TRACE, '--source-port', '99', '--to', TO], /none: a ping has no ports/],
    ['a name that no port has', [...TRACE, '--to', `${TO}:http`], /nothing there names its ports, received "http"/],
    ['--tcp with UDP', [...TRACE, '--tcp', '--to', `${TO}:80/udp`], /received 80\/udp/],
    [
      'a namespace that is none',
      [...TRACE, '-n', 'nope', '--from', 'pod/x'],
      /a pod of namespace nope; there are none/,
    ],
    ['no command at all', [], /Usage: packetwalk/],
  ] as const)('2, and what would be right: %s', (_name, args, stderr) => {
    const run = cli.run(args)
    expect(run.status).toBe(2)
    expect(run.stderr).toMatch(stderr)
    expect(run.stdout).toBe('')
    expect(run.stderr).not.toContain('    at ')
  })

  it('2 with file, line and column for wrong objects', () => {
    const run = cli.run(
      ['trace', '-f', '-'],
      'apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: a}\nspec: {cidr: 10.0.0.0/33}\n',
    )
    expect(run.status).toBe(2)
    expect(run.stderr).toMatch(/^packetwalk: -:4:\d+: IPPool\/a spec\.cidr: expected .*, received /m)
  })

  it('3: too little to answer', () => {
    mkdirSync(join(cli.folder, 'lonely/n'), { recursive: true })
    writeFileSync(
      join(cli.folder, 'lonely/n/ip-addr.txt'),
      '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n',
    )
    const run = cli.run(['trace', '--dump', 'lonely'])
    expect(run.status).toBe(3)
    expect(run.stderr).toMatch(/there are not two endpoints to choose from; say --from and --to/)
  })
})

describe('input', () => {
  it('comes from standard input', () => {
    const run = cli.run(['trace', '-q', '-f', '-', '--from', FROM, '--to', TO], readFileSync(FILE, 'utf8'))
    expect([run.status, run.stderr]).toEqual([0, ''])
  })

  it('comes from standard input also where that is more than a pipe holds', () => {
    const text = `# ${'x'.repeat(200_000)}\n${readFileSync(FILE, 'utf8')}`
    expect(cli.run(['trace', '-q', '-f', '-', '--from', FROM, '--to', TO], text)).toMatchObject({
      status: 0,
      stderr: '',
    })
  })

  it('comes from folders, and what is no object is passed over', () => {
    mkdirSync(join(cli.folder, 'in/deep'), { recursive: true })
    writeFileSync(join(cli.folder, 'in/deep/cluster.yml'), readFileSync(FILE))
    writeFileSync(join(cli.folder, 'in/README.md'), 'no object')
    expect(cli.run(['trace', '-q', '-f', 'in', '--from', FROM, '--to', TO]).status).toBe(0)
  })

  it('says what it does not read', () => {
    const objects = `${readFileSync(FILE, 'utf8')}\n---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\n`
    expect(cli.run(['trace', '-f', '-', '--from', FROM, '--to', TO], objects).stderr).toContain(
      'kinds that are not read: Job',
    )
    expect(cli.run(['trace', '-q', '-f', '-', '--from', FROM, '--to', TO], objects).stderr).toBe('')
  })
})

describe('a must-gather', () => {
  /** The objects of the demo as `oc adm must-gather` files them, beside logs and what else it writes. */
  function gather(root: string): void {
    const { items } = parse(readFileSync(FILE, 'utf8')) as {
      items: { kind: string; metadata: Record<string, string> }[]
    }
    for (const object of items) {
      const { name, namespace } = object.metadata
      const kinds = `${object.kind.toLowerCase()}s`
      const folder =
        namespace === undefined ? `cluster-scoped-resources/core/${kinds}` : `namespaces/${namespace}/${kinds}/${name}`
      cli.write(`${root}/${folder}/${name}.yaml`, `---\n${stringify(object)}`)
    }
    cli.write(
      `${root}/namespaces/default/pods/web/c/c/logs/current.log`,
      '2026-11-28T00:00:00Z started: {not: yaml\n\tat x\n',
    )
    cli.write(`${root}/version`, 'quay.io/openshift\n4.14.0\n')
    cli.write(`${root}/event-filter.html`, '<html><body>x</body></html>')
  }

  it('is read as a folder and as an archive: its objects, not its logs', () => {
    gather('must-gather.local.1/quay-io-sha256-a')
    execFileSync('tar', ['czf', 'must-gather.tgz', 'must-gather.local.1'], { cwd: cli.folder })
    for (const file of ['must-gather.local.1', 'must-gather.tgz']) {
      const { status, stdout } = cli.run(['trace', '-f', file, '--from', FROM, '--to', TO, '--view', 'hops'])
      expect([status, stdout.split('\n').slice(0, 3).join(' ')]).toEqual([0, expect.stringContaining('answered in')])
    }
  })
})

describe('ends that nobody says', () => {
  const objects = (namespaces: readonly string[]): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        { apiVersion: 'projectcalico.org/v3', kind: 'IPPool', metadata: { name: 'p' }, spec: { cidr: '10.8.0.0/16' } },
        ...['w1', 'w2'].map((name, i) => ({
          apiVersion: 'v1',
          kind: 'Node',
          metadata: { name, annotations: { 'projectcalico.org/IPv4Address': `172.20.0.${i + 1}/24` } },
        })),
        ...namespaces.flatMap((namespace) =>
          ['w1', 'w2'].map((nodeName) => ({
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name: `on-${nodeName}`, namespace },
            spec: { nodeName },
          })),
        ),
      ],
    })

  it.each([
    ['the default namespace comes first', ['apples', 'default', 'kube-system'], 'default'],
    ['then those of users', ['calico-system', 'kube-system', 'shop'], 'shop'],
    ['then those of the system', ['kube-system'], 'kube-system'],
  ])('are pods on two nodes: %s', (_which, namespaces, first) => {
    const { status, stderr } = cli.run(['trace', '-f', '-', '--calico-version', 'v3.32'], objects(namespaces))
    expect([status, stderr]).toEqual([
      0,
      `packetwalk: from ${first}/on-w1 to ${first}/on-w2 (choose with --from and --to)\n`,
    ])
  })
})

describe('-q', () => {
  const JOB = '\n---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\n'
  it.each([
    ['ends that are chosen', ['trace', '-f', '-']],
    ['a name that was completed', ['trace', '-f', '-', '-S', 'deploy/busybox-deployment', '-D', TO]],
    ['a file that is written', ['trace', '-f', '-', '--from', FROM, '--to', TO, '-w', 'quiet.pcapng']],
    ['notes of other forms', ['trace', '-f', '-', '--from', FROM, '--to', `${TO}:80`, '-o', 'json']],
    ['a table', ['show', 'route', '-f', '-', '--node', 'node01']],
    ['a dead end', ['trace', '-f', '-', '--from', FROM, '--to', TO, '--ttl', '1']],
  ])('says nothing of %s', (_what, args) => {
    const objects = `${readFileSync(FILE, 'utf8')}${JOB}`
    expect(cli.run(args, objects).stderr).not.toBe('')
    const quiet = cli.run([...args, '-q'], objects)
    expect([quiet.stderr, quiet.stdout === '']).toEqual(['', false])
  })

  it('says faults all the same', () => {
    expect(cli.run(['trace', '-q', '-f', 'nope.yaml']).stderr).toContain('no such file')
  })
})

describe('forms', () => {
  const ends = ['--from', FROM, '--to', TO]
  const out = (...args: string[]): string => cli.run([...TRACE, ...ends, ...args]).stdout

  it('text has no colour when it is not for a terminal, and four views', () => {
    const [hops, frames, reasons, bytes] = [out('--view', 'hops'), out('--view', 'frames'), out('-v'), out('-vv')]
    expect(hops + frames + reasons + bytes).not.toContain('\u001b')
    expect(frames.length).toBeGreaterThan(hops.length)
    expect(reasons.length).toBeGreaterThan(frames.length)
    expect(bytes.length).toBeGreaterThan(reasons.length)
    expect(bytes).toMatch(/0x0000:|0000 {2}/)
    expect([out('--view', 'reasons'), out('--view', 'bytes')]).toEqual([reasons, bytes])
  })

  it('text in a file or a pipe has the frames below the hops: nobody can ask again there', () => {
    expect(out()).toBe(`${out('--view', 'hops')}\n${out('--view', 'frames')}`)
    expect(out('--view', 'both')).toBe(out())
  })

  it('text is one screen, fits the columns, and ends with what to do next unless -q', () => {
    const { stdout } = cli.run(['trace', '-f', FILE, ...ends, '--view', 'hops'])
    const lines = stdout.trimEnd().split('\n')
    expect(lines.length).toBeLessThan(24)
    expect(lines.filter((line) => line.length > 100 && !line.includes('packetwalk shell'))).toEqual([])
    expect(stdout).toMatch(
      /Next: -v reasons · -vv bytes · -o html\n {6}break it: packetwalk shell -f \S+\s+\(?try: ssh controlplane, sysctl -w net\.ipv4\.ip_forward=0\)?\n/,
    )
    expect(out()).not.toContain('Next:')
  })

  it('text of a failure says where to look', () => {
    const { stdout } = cli.run(['trace', '-f', FILE, ...ends, '--ttl', '1'])
    expect(stdout).toMatch(/✗ ends here: the time to live ran out; tells the/)
    expect(stdout).toMatch(
      /look: packetwalk shell -f \S+\s+\(?try: ssh controlplane, ip route get 192\.168\.196\.131\)?\n/,
    )
  })

  it('json follows the published schema', () => {
    const trace = JSON.parse(out('-o', 'json')) as { schema: string; ok: boolean }
    const schema = JSON.parse(readFileSync(new URL('../../docs/trace-schema.json', import.meta.url), 'utf8')) as Schema
    expect(violations(schema, trace)).toEqual([])
    expect([trace.schema, trace.ok]).toEqual(['packetwalk.trace/2', true])
  })

  it('pcapng can be read, and holds IPIP on the wire', () => {
    const { bytes } = cli.run([...TRACE, ...ends, '-o', 'pcapng'])
    const file = readPcapng(bytes)
    expect(file.interfaces.map(({ name }) => name)).toContain('controlplane/ens3')
    expect(file.packets.filter(({ bytes }) => bytes[23] === 4)).toHaveLength(2)
  })

  it.each([
    ['wire', ['controlplane/ens3']],
    ['links', ['controlplane/ens3', 'switch-lan/port2', 'node01/calib673e730d42']],
    ['all', ['controlplane/tunl0', 'node01/tunl0', 'node01/ens3']],
    ['controlplane/tunl0', ['controlplane/tunl0']],
    ['node/controlplane/tunl0', ['controlplane/tunl0']],
    [`${FROM}/eth0`, [`${FROM}/eth0`]],
    [`pod/${FROM}/eth0`, [`${FROM}/eth0`]],
    ['node01/lo', ['node01/lo']],
  ])('--at %s takes frames there', (at, names) => {
    const known = readPcapng(cli.run([...TRACE, ...ends, '--at', at, '-o', 'pcapng']).bytes).interfaces
    expect(known.map(({ name }) => name)).toEqual(expect.arrayContaining(names))
    if (at.includes('/')) expect(known).toHaveLength(1)
  })

  it('--at holds for tcpdump lines, too', () => {
    const lines = out('-o', 'tcpdump', '--at', 'node01/tunl0').trimEnd().split('\n')
    expect(lines.map((line) => line.slice(16, 46))).toEqual([
      'IP 192.168.49.66 > 192.168.196',
      'IP 192.168.196.131 > 192.168.4',
    ])
  })

  it.each([
    [
      'no device',
      ['--at', 'node01', '-o', 'pcapng'],
      /--at: expected wire, links, all or NODE\/DEVICE, POD\/DEVICE, received "node01"/,
    ],
    ['a device that is none', ['--at', 'node01/ens4', '-o', 'pcapng'], /did you mean "ens3"\?.*received "ens4"/],
    ['a node that is none', ['--at', 'node02/ens3', '-o', 'pcapng'], /did you mean .*received "node02"/],
    ['a form without frames', ['--at', 'all', '-o', 'json'], /expected --at with -w FILE, -o pcapng or -o tcpdump/],
    ['text that goes nowhere', ['--at', 'all'], /expected --at with -w FILE, -o pcapng or -o tcpdump/],
    ['a folder for a form', ['-o', 'json', '-w', 'out/'], /expected a file; a folder is for capture files/],
  ])('2: %s', (_name, args, stderr) => {
    const run = cli.run([...TRACE, ...ends, ...args])
    expect([run.status, run.stdout]).toEqual([2, ''])
    expect(run.stderr).toMatch(stderr)
  })

  it('-w FOLDER/ writes a classic pcap a device, and says how many', () => {
    const run = cli.run(['trace', '-f', FILE, ...ends, '-w', 'captures/of-ping/'])
    expect(run.stderr).toMatch(/wrote 13 files to captures\/of-ping\/\n/)
    const names = readdirSync(join(cli.folder, 'captures/of-ping'))
    expect(names).toHaveLength(13)
    expect(names).toEqual(
      expect.arrayContaining(['controlplane_tunl0.pcap', 'node01_ens3.pcap', `${FROM.replace('/', '_')}_eth0.pcap`]),
    )
    const bytes = readFileSync(join(cli.folder, 'captures/of-ping/node01_tunl0.pcap'))
    expect([bytes.readUInt32LE(0), bytes.readUInt32LE(20)]).toEqual([0xa1b23c4d, 101])
  })

  it.each([
    ['mermaid', /^sequenceDiagram\n/],
    ['tcpdump', /IP 172\.17\.0\.32 > 172\.17\.0\.40: IP 192\.168\.49\.66 > 192\.168\.196\.131: ICMP echo request/],
    ['svg', /^<svg [\s\S]*<\/svg>\s*$/],
    ['html', /^<!doctype html>[\s\S]*<\/html>\s*$/i],
  ])('%s', (form, pattern) => {
    expect(out('-o', form)).toMatch(pattern)
  })

  it.each([
    [['--theme', 'dark', '--width', 'narrow'], /^<svg [^>]*width="360"[^>]*class="pw-picture pw-dark"/],
    [['--theme', 'print', '--width', 'projector'], /^<svg [^>]*width="1280"[^>]*class="pw-picture pw-print"/],
    [['--width', '500'], /^<svg [^>]*width="500"[^>]*class="pw-picture pw-auto"/],
  ])('svg with %j', (flags, pattern) => {
    expect(out('-o', 'svg', ...flags)).toMatch(pattern)
  })

  it('steps have a theme, as pictures have', () => {
    const page = out('-o', 'steps', '--theme', 'dark')
    expect(page).toContain('<body class="pw-steps-page pw-dark">')
    expect(page).not.toContain('prefers-color-scheme')
  })

  it.each([
    [['-o', 'json', '--theme', 'dark'], 'expected --theme with -o svg, -o html or -o steps, received -o json'],
    [
      ['-o', 'steps', '--width', 'narrow'],
      'expected --width with -o svg (html and steps are as wide as the window they are looked at in), received -o steps',
    ],
    [['-o', 'svg', '--theme', 'blue'], 'Allowed choices are auto, light, dark, print.'],
    [['-o', 'svg', '--width', 'huge'], 'expected narrow, wide, projector or a whole number from 280 to 10000.'],
  ])('%j is refused with what would be right', (flags, words) => {
    const run = cli.run([...TRACE, ...ends, ...flags])
    expect([run.status, run.stdout]).toEqual([2, ''])
    expect(run.stderr).toContain(words)
  })

  it('-w writes the packets and prints the text all the same', () => {
    const run = cli.run(['trace', '-f', FILE, ...ends, '-w', 'ping.pcapng'])
    expect(run.stderr).toContain('wrote ping.pcapng')
    expect(run.stdout).toMatch(/answered in/)
    expect(readPcapng(readFileSync(join(cli.folder, 'ping.pcapng'))).packets).toHaveLength(8)
  })

  it('-w with -o writes that form and prints nothing', () => {
    const run = cli.run([...TRACE, ...ends, '-o', 'json', '-w', 'ping.json'])
    expect([run.status, run.stdout]).toEqual([0, ''])
    expect(JSON.parse(readFileSync(join(cli.folder, 'ping.json'), 'utf8'))).toMatchObject({ ok: true })
  })

  it('the same seed gives the same bytes', () => {
    const bytes = (): Uint8Array => cli.run([...TRACE, ...ends, '--seed', '7', '-o', 'pcapng']).bytes
    expect(bytes()).toEqual(bytes())
  })
})

describe('show', () => {
  it.each([
    ['route', /^192\.168\.196\.128\/26 via 172\.17\.0\.40 dev tunl0 proto bird onlink ?$/m],
    ['addr', /^ {4}inet 172\.17\.0\.32\/16 /m],
    ['link', /^\d+: tunl0@NONE: <NOARP,UP,LOWER_UP> mtu 1440 /m],
    ['neigh', /lladdr .* PERMANENT/],
    ['rule', /^32766:\tfrom all lookup main ?$/m],
    ['sysctl', /^net\.ipv4\.conf\.cali\w+\.proxy_arp = 1$/m],
    ['iptables', /^\*\w+\n:/],
    ['ipset', /^create cali40\S+ hash:net family inet/m],
    ['fdb', /^/],
  ])('%s of a node, as the tool prints it', (table, pattern) => {
    const run = cli.run(['show', table, '-q', '-f', FILE, '--node', 'controlplane'])
    expect([run.status, run.stderr]).toEqual([0, ''])
    expect(run.stdout).toMatch(pattern)
  })

  const show = (...args: string[]): ReturnType<typeof cli.run> => cli.run(['show', ...args, '-f', FILE])

  it('iptables of one table and chain', () => {
    const run = show('iptables', '-q', '--node', 'node01', '-t', 'nat', '-c', 'cali-nat-outgoing')
    expect([run.status, run.stderr]).toEqual([0, ''])
    expect(run.stdout).toMatch(/^\*nat\n:cali-nat-outgoing - \[0:0\]\n(-A cali-nat-outgoing .*\n)+COMMIT\n$/)
    expect(show('iptables', '-q', '--node', 'node01', '-c', 'cali-nat-outgoing').stdout).toBe(run.stdout)
  })

  it.each([
    [['iptables', '--node', 'node01', '-t', 'nta'], /expected a table of node01: .*nat.*, received "nta"/],
    [['iptables', '--node', 'node01', '-c', 'cali-nat-outgong'], /did you mean "cali-nat-outgoing"\?/],
    [
      ['iptables', '--node', 'node01', '-t', 'nat', '-c', 'FORWARD'],
      /expected a chain of node01; .*received "FORWARD"/,
    ],
    [['route', '--node', 'node01', '-t', 'nat'], /expected iptables with -t and -c, received route/],
    [['ipset', '--node', 'node01', '-6'], /a table that ipset has for each family, received ipset with -6/],
  ])('%j is refused: %s', (args, message) => {
    const run = show('-q', ...args)
    expect([run.status, run.stdout]).toEqual([2, ''])
    expect(run.stderr).toMatch(message)
  })

  it('services of the cluster, without a node; conntrack says why it is empty', () => {
    expect(show('services')).toMatchObject({
      status: 0,
      stdout: '',
      stderr: expect.stringContaining('No resources found'),
    })
    const run = show('conntrack', '--node', 'node01')
    expect(run).toMatchObject({ status: 0, stdout: '', stderr: expect.stringContaining('no connection is tracked') })
  })

  it('of a pod, as JSON, and of IPv6', () => {
    const run = cli.run(['show', 'route', '-j', '-q', '-f', FILE, '--pod', FROM])
    expect(JSON.parse(run.stdout)).toContainEqual(expect.objectContaining({ dst: 'default', gateway: '169.254.1.1' }))
    expect(cli.run(['show', 'route', '-6', '-q', '-f', FILE, '--node', 'node01']).stdout).toMatch(/^fe80::\/64 dev /m)
  })

  it.each([
    ['route', /^fe80::\/64 dev /m, /^default via 172/m],
    ['addr', /^ {4}inet6 ::1\/128 scope host/m, /inet 172/],
    ['neigh', /^$/, /172\.17/],
    ['rule', /^32766:\tfrom all lookup main/m, /lookup default/],
    ['link', /^\d+: ens3: /m, /inet/],
    ['iptables', /^(\*filter|$)/, /MASQUERADE/],
  ])('-6 of %s is of IPv6 alone', (table, pattern, not) => {
    const run = cli.run(['show', table, '-6', '-q', '-f', FILE, '--node', 'nodes/node01'])
    expect([run.status, run.stderr]).toEqual([0, ''])
    expect(run.stdout).toMatch(pattern)
    expect(run.stdout).not.toMatch(not)
  })

  it.each(['route', 'addr', 'link', 'neigh', 'rule', 'fdb'])('-j of %s is JSON', (table) => {
    const run = cli.run(['show', table, '-j', '-q', '-f', FILE, '--node', 'node01'])
    expect([run.status, run.stderr, Array.isArray(JSON.parse(run.stdout))]).toEqual([0, '', true])
  })

  it.each(['sysctl', 'iptables'])('-j of %s is refused: its tool prints none', (table) => {
    const run = cli.run(['show', table, '-j', '-q', '-f', FILE, '--node', 'node01'])
    expect([run.status, run.stdout]).toEqual([2, ''])
    expect(run.stderr).toMatch(new RegExp(`received ${table} with -j\\n`))
  })

  it.each(['sysctl', 'fdb'])('-6 of %s is refused: its tool knows no families', (table) => {
    const run = cli.run(['show', table, '-6', '-q', '-f', FILE, '--node', 'node01'])
    expect([run.status, run.stdout]).toEqual([2, ''])
    expect(run.stderr).toMatch(new RegExp(`received ${table} with -6\\n\\(packetwalk show --help shows its options\\)`))
  })

  it('of a pod by the words of kubectl', () => {
    const run = cli.run(['show', 'addr', '-q', '-n', 'default', '-f', FILE, '--pod', 'deploy/busybox-deployment'])
    expect([run.status, run.stderr]).toEqual([0, ''])
    expect(run.stdout).toMatch(/inet 192\.168\./)
  })
})

describe('dumps', () => {
  const captured = capturedState('03b-ipip-felix')
  const nodes = dumpOf(captured, (role) => role === 'node')
  for (const [path, bytes] of nodes) {
    mkdirSync(dirname(join(cli.folder, 'dump', path)), { recursive: true })
    writeFileSync(join(cli.folder, 'dump', path), bytes)
  }
  writeFileSync(join(cli.folder, 'dump.tar.gz'), gzipSync(packTar(nodes)))
  writeFileSync(join(cli.folder, 'dump.zip'), zipSync(Object.fromEntries(nodes)))
  const ends = ['--from', '192.168.49.65', '--to', '192.168.196.129']

  it.each(['dump', 'dump.tar.gz', 'dump.zip'])(
    '0 from %s: pods behind the dumped nodes are assumed, and that is said',
    (path) => {
      const run = cli.run(['trace', '--dump', path, ...ends])
      expect(run.status).toBe(0)
      expect(run.stderr).toContain('packetwalk: assumed: controlplane/ens3 and node01/ens3 share one Ethernet')
      expect(run.stderr).toContain('is a pod with 192.168.196.129 as Calico sets pods up')
      expect(run.stdout).toMatch(
        /\+ 20 bytes: 172\.17\.0\.32 > 172\.17\.0\.40 ipip\n[\s\S]*assumed: a pod that was not dumped/,
      )
    },
  )

  it('3 when the far node was not dumped', () => {
    const run = cli.run(['trace', '--dump', 'dump/controlplane', ...ends])
    expect(run.status).toBe(3)
    expect(run.stdout.replace(/\s+/g, ' ')).toContain('undecided: controlplane: nobody answered on ens3')
  })

  it('are shown and entered like clusters', () => {
    const shown = cli.run(['show', 'route', '-q', '--dump', 'dump', '--node', 'node01'])
    expect(shown.stdout).toMatch(/dev tunl0 proto bird onlink/)
    const shell = cli.run(['shell', '-q', '--dump', 'dump'], 'ping -c 1 192.168.196.129\nkubectl get pods\n')
    expect(shell.stdout).toContain('1 packets transmitted, 1 received')
    expect(shell.stderr).toContain('there are no Kubernetes objects here')
  })

  it('2 when an archive is damaged', () => {
    writeFileSync(join(cli.folder, 'bad.tar.gz'), gzipSync(packTar(nodes)).subarray(0, 900))
    const run = cli.run(['trace', '--dump', 'bad.tar.gz'])
    expect(run.status).toBe(2)
    expect(run.stderr).toMatch(/^packetwalk: bad\.tar\.gz: expected a (whole )?gzip file/)
  })
})

describe('collect', () => {
  it('prints a script that every shell can read and that hides keys', () => {
    const { status, stdout } = cli.run(['collect'])
    expect(status).toBe(0)
    expect(stdout).toMatch(/^#!\/bin\/sh\n/)
    expect(stdout).toContain('(hidden)')
  })
})

describe('completion', () => {
  it.each(['bash', 'zsh', 'fish'])('%s gets a script', (shell) => {
    expect(cli.run(['completion', shell]).stdout).toMatch(/^#.* packetwalk in \w+: [\s\S]* complete -- /m)
  })

  it('offers commands and the forms of -o', () => {
    expect(cli.run(['complete', '--', '']).stdout).toMatch(/^trace\t/m)
    expect(cli.run(['complete', '--', 'trace', '--output', '']).stdout).toMatch(/^mermaid/m)
  })
})
