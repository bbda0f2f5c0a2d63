import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readPcapng } from '../../src/wire/index.ts'
import { listScenarios, readScenario } from '../support/captures.ts'
import { demo, openCli } from './run.ts'

const cli = openCli()
afterAll(() => cli.close())

const POD = 'busybox-deployment-8c7dc8548-x6ljh'
const PEER = '192.168.196.131'
const session = (...lines: string[]): ReturnType<typeof cli.run> =>
  cli.run(['shell', '-q', '-f', demo('ipip.yaml')], `${lines.join('\n')}\n`)

describe('a session from a pipe', () => {
  it('prints no prompt and no colour, and ends with the status of its last command', () => {
    const run = session('ip route', 'hostname')
    expect([run.status, run.stderr]).toEqual([0, ''])
    expect(run.stdout).toMatch(/^default via 172\.17\.0\.1 dev ens3 ?\n/)
    expect(run.stdout).toMatch(/\ncontrolplane\n$/)
    expect(run.stdout).not.toContain('\u001b')
    expect(session('hostname', 'ip rout add nonsense').status).not.toBe(0)
  })

  it('begins where --node says, and goes elsewhere with ssh', () => {
    const run = cli.run(
      ['shell', '-q', '-f', demo('ipip.yaml'), '--node', 'node01'],
      'hostname\nssh controlplane\nhostname\n',
    )
    expect(run.stdout).toBe('node01\ncontrolplane\n')
  })

  it('pings from a pod and says why it went as it did', () => {
    const run = session(`kubectl exec ${POD} -- ping -c 1 ${PEER}`, 'why', 'why -v')
    expect(run.stdout).toContain(`64 bytes from ${PEER}: seq=0 ttl=62`)
    expect(run.stdout).toContain('IP 172.17.0.32 > 172.17.0.40: IP')
    expect(run.stdout).toMatch(/192\.168\.196\.128\/26 via 172\.17\.0\.40 dev tunl0/)
  })

  it('watches with tcpdump: the frames of the next commands, an account at the end', () => {
    const ping = `kubectl exec ${POD} -- ping -c 1 ${PEER}`
    const run = session('tcpdump -i tunl0 -nn icmp &', ping, 'fg')
    expect(run.stdout).toContain('listening on tunl0')
    expect(run.stdout.match(/ICMP echo (request|reply)/g)).toEqual(['ICMP echo request', 'ICMP echo reply'])
    expect(run.stderr).toContain('2 packets captured')
    const limited = session('tcpdump -i ens3 -c 1 &', ping, 'fg')
    expect(limited.stderr).toContain('1 packets captured')
    expect(limited.stderr).toContain('fg: no tcpdump is running')
  })

  it('writes what tcpdump saw', () => {
    const run = session('tcpdump -i ens3 -w seen.pcapng &', `kubectl exec ${POD} -- ping -c 2 ${PEER}`, 'fg')
    expect(run.stderr).toContain('wrote seen.pcapng')
    const file = readPcapng(readFileSync(join(cli.folder, 'seen.pcapng')))
    expect(file.interfaces.map(({ name }) => name)).toEqual(['controlplane/ens3'])
    expect(file.packets.length).toBeGreaterThanOrEqual(4)
  })

  it('changes the network, tries again, and steps back', () => {
    const ping = `kubectl exec ${POD} -- ping -c 1 -W 1 ${PEER}`
    const run = session('save good', 'sysctl -w net.ipv4.ip_forward=0', ping, 'back good', ping)
    const losses = run.stdout.match(/\d+% packet loss/g)
    expect(losses).toEqual(['100% packet loss', '0% packet loss'])
    expect(session('back never').stderr).toContain('no moment was saved as "never"')
  })

  it('knows kubectl and calicoctl', () => {
    const run = session(
      'kubectl get pods -o wide',
      'kubectl get nodes',
      'calicoctl node status',
      'calicoctl get ippool -o wide',
      'calicoctl get weps -a',
    )
    expect(run.stdout).toMatch(new RegExp(`${POD} +1/1 +Running .* 192\\.168\\.49\\.66 +controlplane`))
    expect(run.stdout).toMatch(/node01 +Ready/)
    expect(run.stdout).toContain('| 172.17.0.40  | node-to-node mesh | up ')
    expect(run.stdout).toMatch(/default-ipv4-ippool +192\.168\.0\.0\/16 .*Always/)
  })

  it.each([
    [
      'a command that is none',
      'pnig 1.2.3.4',
      /pnig: packetwalk does not know this command; did you mean "ping"\?/,
      127,
    ],
    [
      'a pod that is none',
      'kubectl exec busybox -- ls',
      /pods "busybox" not found .*did you mean|pods "busybox" not found/,
      1,
    ],
    ['kubectl of a pod that is none', 'kubectl delete pod x', /pods "x" not found/, 1],
    ['a resource that is none', 'kubectl get pod5', /doesn't have a resource type "pod5".*did you mean "pods"\?/, 1],
    [
      'calicoctl of another kind',
      'calicoctl aply -f x',
      /calicoctl aply.* is not known; there are: get,.*did you mean "apply"\?/,
      1,
    ],
    ['a file that is none, applied', 'calicoctl apply -f x', /open x: no such file or directory/, 1],
    ['a device that is none', 'ip addr show dev ens4', /Device "ens4" does not exist\. .*did you mean "ens3"\?/, 1],
    ['an object that is none', 'ip rout6', /Object "rout6" is unknown.*did you mean "route"\?/, 1],
    ['tcpdump on a device that is none', 'tcpdump -i eth9', /eth9: No such device exists/, 1],
    ['a filter that is none', 'tcpdump -i ens3 icmpp', /can't parse filter expression: "icmpp" is not understood/, 1],
    ['why before anything ran', 'why', /no ping or traceroute has run yet/, 1],
    ['fg without tcpdump', 'fg', /no tcpdump is running/, 1],
    ['a quote that is open', "ping 'x", /a quote is not closed/, 2],
    ['a file that is none', 'cat /etc/passwd', /\/etc\/passwd: No such file or directory/, 1],
    // sysctl itself ends with 255; a session keeps below what stands for signals.
    ['a sysctl that is none', 'sysctl net.ipv4.nonsense', /cannot stat \/proc\/sys\/net\/ipv4\/nonsense/, 1],
  ] as const)('%s: says what would be right', (_name, line, stderr, status) => {
    const run = session(line)
    expect(run.stderr).toMatch(stderr)
    expect(run.status).toBe(status)
    expect(run.stderr).not.toContain('    at ')
  })

  it('has help, history, comments and exit', () => {
    const run = session('# nothing', '', 'help', 'history', 'exit', 'hostname')
    expect(run.stdout).toContain('kubectl get|describe|apply|create|delete')
    expect(run.stdout).toMatch(/ {4}1 {2}help\n {4}2 {2}history\n$/)
  })
})

describe('--delays', () => {
  const lines = 'kubectl run late --image=busybox\nkubectl get pod late\nsleep 30\nkubectl get pod late\n'
  const states = (...options: readonly string[]): string[] => {
    const run = cli.run(['shell', '-q', '-f', demo('ipip.yaml'), ...options], lines)
    expect(run.status).toBe(0)
    return run.stdout.split('\n').flatMap((line) => /^late +(\S+ +\S+)/.exec(line)?.[1]?.replace(/ +/, ' ') ?? [])
  }

  it.each([
    [[], ['1/1 Running', '1/1 Running']],
    [
      ['--delays', 'instant'],
      ['1/1 Running', '1/1 Running'],
    ],
    [
      ['--delays', 'calico'],
      ['0/1 ContainerCreating', '1/1 Running'],
    ],
  ])('%j', (options, expected) => {
    expect(states(...options)).toEqual(expected)
  })

  it('is nothing for dumps: what they hold is not calculated', () => {
    const run = cli.run(['shell', '--dump', cli.folder, '--delays', 'calico'])
    expect(run).toMatchObject({ status: 2 })
    expect(run.stderr).toContain('expected -f FILE with objects')
  })

  it('is one of two words', () => {
    const run = cli.run(['shell', '-f', demo('ipip.yaml'), '--delays', 'none'])
    expect(run).toMatchObject({ status: 2 })
    expect(run.stderr).toContain('Allowed choices are instant, calico')
  })
})

describe('--transcript', () => {
  it('runs the commands of a transcript and prints it with our output', () => {
    writeFileSync(
      join(cli.folder, 't.txt'),
      'controlplane$ hostname\nwas something else\n\nnode01$ ip route get 1.2.3.4\nnode02$ hostname\n',
    )
    const run = cli.run(['shell', '-q', '-f', demo('ipip.yaml'), '--transcript', 't.txt'])
    expect(run.status).toBe(0)
    expect(run.stdout).toMatch(/^controlplane\$ hostname\ncontrolplane\n\nnode01\$ ip route get/)
    expect(run.stdout).toContain('no host "node02"; did you mean "node01"?')
  })
})

describe('replay', () => {
  const [scenario] = listScenarios() as [string]
  for (const [path, bytes] of readScenario(scenario)) cli.write(join(scenario, path), bytes)

  it('writes the probes in the form of the captures', () => {
    const run = cli.run(['replay', scenario, '--out', 'simulated', '--probe', '1', '--json'])
    expect(run.status).toBe(0)
    expect(JSON.parse(run.stdout)).toEqual([{ scenario, probes: 1, notModelled: [] }])
    const { probes } = JSON.parse(readFileSync(join(cli.folder, scenario, 'scenario.json'), 'utf8')) as {
      probes: { file: string }[]
    }
    const written = join(cli.folder, 'simulated', scenario, probes[0]!.file)
    expect(JSON.parse(readFileSync(`${written}.json`, 'utf8'))).toHaveProperty('outcome')
    expect(readPcapng(readFileSync(`${written}.pcapng`)).packets.length).toBeGreaterThan(0)
  })

  it('1 naming what is not modelled', () => {
    const path = join(cli.folder, scenario, 'scenario.json')
    const content = JSON.parse(readFileSync(path, 'utf8')) as { probes: { file: string }[] }
    const probe = join(cli.folder, scenario, `${content.probes[0]!.file}.json`)
    const raw = { ...JSON.parse(readFileSync(probe, 'utf8')), kind: 'sctp', command: 'sctp-connect 10.0.0.1' }
    writeFileSync(probe, JSON.stringify(raw))
    content.probes[0] = { ...content.probes[0]!, kind: 'sctp', command: 'sctp-connect 10.0.0.1' } as never
    writeFileSync(path, JSON.stringify(content))
    const run = cli.run(['replay', scenario, '--out', 'again', '--probe', '1'])
    expect(run.status).toBe(1)
    expect(run.stderr).toMatch(/not modelled: .*sctp/)
  })
})

describe('files', () => {
  it('a here-document of a pipe is one command, and what is open at the end is said', () => {
    const run = session('cat > f <<EOF', 'one', 'EOF', 'wc -l f', 'cat <<EOF')
    expect(run.stdout).toBe('1 f\n')
    expect(run.stderr).toBe('packetwalk: a here-document is not closed by EOF\n')
    expect(run.status).toBe(2)
  })

  it('of the working directory are read and never written', () => {
    writeFileSync(join(cli.folder, 'notes.txt'), 'as it was\n')
    const run = session(
      "sed -i 's/was/is/' notes.txt",
      'cat notes.txt',
      'echo more > notes.txt',
      'rm notes.txt',
      'cat notes.txt',
    )
    expect(run.stdout).toBe('as it is\n')
    expect(run.stderr).toBe('cat: notes.txt: No such file or directory\n')
    expect(readFileSync(join(cli.folder, 'notes.txt'), 'utf8')).toBe('as it was\n')
  })

  it('outside of it are not read', () => {
    const run = session('cat ../package.json', 'cat /etc/debian_version')
    expect(run.stdout).toBe('')
  })
})
