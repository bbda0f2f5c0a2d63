import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { Shell } from '../../src/shell/index.ts'

const DEMO = readFileSync(new URL('../../examples/demo/ipip.yaml', import.meta.url), 'utf8')
const POD = 'kubectl exec busybox-deployment-8c7dc8548-x6ljh --'
const OTHER = '192.168.196.131'

let shell: Shell
beforeEach(() => {
  shell = new Shell(Lab.load(DEMO), 'controlplane')
})
const out = (line: string): string => shell.execute(line).stdout

describe('pipes', () => {
  it.each([
    { line: 'ip route | grep tunl0', expected: '192.168.196.128/26 via 172.17.0.40 dev tunl0 proto bird onlink \n' },
    { line: "ip route | grep 'tunl0\\|blackhole' | wc -l", expected: '2\n' },
    { line: 'ip route | grep -E "tunl0|blackhole" -c', expected: '2\n' },
    {
      line: 'ip route | grep -v cali | tail -1 | head -n 1',
      expected: '192.168.196.128/26 via 172.17.0.40 dev tunl0 proto bird onlink \n',
    },
  ])('$line', ({ line, expected }) => {
    expect(out(line)).toBe(expected)
  })

  it('says that grep found nothing by its status alone', () => {
    expect(shell.execute('ip route | grep nothing')).toMatchObject({ stdout: '', stderr: '', exitCode: 1 })
  })

  it.each([
    { line: 'ip route | awk 1', says: 'awk: packetwalk does not know this filter' },
    { line: 'ip route | grep -z x', says: 'grep: packetwalk does not know this filter or its options' },
    { line: 'for i in 1 2; do ip route; done', says: '"for" is not known here' },
    { line: 'hostname &', says: '"&" is not known here behind hostname' },
    { line: 'ip route |', says: 'a command is missing' },
  ])('refuses $line', ({ line, says }) => {
    const result = shell.execute(line)
    expect(result.stderr).toContain(says)
    expect(result.exitCode).not.toBe(0)
  })
})

describe('changes', () => {
  it('a route that BIRD wrote for many nodes can be deleted on one', () => {
    expect(shell.execute('ip route del 192.168.196.128/26')).toMatchObject({ stderr: '', exitCode: 0 })
    expect(out('ip route | grep tunl0')).toBe('')
    expect(shell.execute('ip route del 192.168.196.128/26').stderr).toBe('RTNETLINK answers: No such process\n')
    const ping = shell.execute(`${POD} ping -c 1 ${OTHER}`)
    expect(ping.exitCode).toBe(1)
    expect(ping.trace?.summary).toContain('controlplane has no route to 192.168.196.131')
    expect(ping.trace?.findings[0]).toMatchObject({ code: 'route_missing', netns: 'controlplane', by: 'bird' })
    shell.execute('ssh node01')
    expect(out('ip route | grep tunl0')).toContain('192.168.49.64/26')
  })

  it.each(['ip neigh del 169.254.1.1 dev eth0', 'ip neigh flush all', 'ip neigh flush dev eth0', 'arp -d 169.254.1.1'])(
    'forgets a learned neighbour: %s',
    (command) => {
      shell.execute(`${POD} ping -c 1 ${OTHER}`)
      expect(out(`${POD} ip neigh`)).toContain('169.254.1.1')
      expect(shell.execute(`${POD} ${command}`)).toMatchObject({ stderr: '', exitCode: 0 })
      expect(out(`${POD} ip neigh`)).toBe('')
    },
  )

  it('a failure names who set the sysctl, and shows who heard the question', () => {
    shell.execute('echo 0 > /proc/sys/net/ipv4/conf/cali9861acf9f07/proxy_arp')
    expect(shell.execute(`${POD} ping -c 1 ${OTHER}`).trace?.summary).toContain('proxy_arp should be 1')
    expect(out('why -v')).toMatch(
      /arp: does not answer[^\n]*\n *sysctl net\.ipv4\.conf\.cali9861acf9f07\.proxy_arp = 0 ← user\n/,
    )
  })
})

describe('ssh and exit', () => {
  it('kubectl exec with a shell alone is a prompt in the pod, until exit', () => {
    const places: string[] = []
    for (const line of [`${POD} hostname`, `${POD} sh`, 'hostname', 'exit', `${POD} /bin/bash`, 'sh', 'exit']) {
      shell.execute(line)
      places.push(shell.netns)
    }
    const pod = 'default/busybox-deployment-8c7dc8548-x6ljh'
    expect(places).toEqual(['controlplane', pod, pod, 'controlplane', pod, pod, 'controlplane'])
  })

  it('ssh with a command runs it there, and stays', () => {
    expect(out('ssh node01 hostname')).toBe('node01\n')
    expect(out('ssh -t -p 22 admin@node01 "ip route | grep -c blackhole; hostname"')).toBe('1\nnode01\n')
    expect(shell.netns).toBe('controlplane')
  })

  it('a script of a shell is refused by name', () => {
    expect(shell.execute('sh /tmp/fix.sh')).toMatchObject({
      exitCode: 2,
      stderr: 'packetwalk: sh /tmp/fix.sh: scripts are not run here; sh -c LINE\n',
    })
  })

  it('exit goes back to where ssh came from, and leaves where the session began', () => {
    const seen: (readonly [string, boolean])[] = []
    for (const line of ['ssh node01', 'ssh controlplane', 'exit', 'exit', 'ssh nobody', 'exit']) {
      shell.execute(line)
      seen.push([shell.netns, shell.left])
    }
    expect(seen).toEqual([
      ['node01', false],
      ['controlplane', false],
      ['node01', false],
      ['controlplane', false],
      ['controlplane', false],
      ['controlplane', true],
    ])
  })
})

describe('ss', () => {
  const ports = (line: string): string[] => [...out(line).matchAll(/:(\d+) +\S+:\*/g)].map(([, port = '']) => port)

  it.each([
    ['ss -tln sport = :179', ['179']],
    ['ss -tln sport :179', ['179']],
    ["ss -tln 'sport eq 179 || sport == :9099'", ['179', '9099']],
    ["ss -tln '( sport = :179 or sport = :9099 ) and src 127.0.0.1'", ['9099']],
    ['ss -tln src 127.0.0.0/8 sport gt :10248', ['10249']],
    ["ss -tln 'not sport < :10250'", ['10250', '10256']],
    ["ss -tln '! ( sport != :179 )'", ['179']],
    ['ss -tln dport = :179', []],
    ['ss -tn sport = :179', []],
    ['ss -tn state listening sport = :179', ['179']],
    ['ss -tn state all exclude listening', []],
    ['ss -tn state connected', []],
    ['ss -un state LISTEN', []],
  ])('%s', (line, expected) => {
    expect(ports(line)).toEqual(expected)
  })

  it('has no column of states where one state alone is asked for', () => {
    expect(out('ss -tn state established')).toMatch(/^Recv-Q Send-Q /)
    expect(out('ss -tn state connected')).toMatch(/^State /)
  })

  it.each([
    ['ss -tn state opened', 'ss: wrong state name: opened', 255],
    ['ss -tn state', 'ss: wrong state name: ', 255],
    ['ss -tn sport = :http', ':http is not known here', 1],
    ["ss -tn '( sport = :80'", 'an end there is not known here', 1],
    ['ss -tn sport = :80 and', 'an end there is not known here', 1],
    ['ss -s', 'ss -s counts sockets of all programs', 2],
    ['ss -tz', 'ss -z is not known here', 2],
  ])('refuses %s', (line, says, exitCode) => {
    const run = shell.execute(line)
    expect(run.stderr).toContain(says)
    expect(run.exitCode).toBe(exitCode)
  })
})

describe('route of net-tools', () => {
  it.each([
    ['-net 10.1.0.0 netmask 255.255.0.0 gw 172.17.0.40', '10.1.0.0/16 via 172.17.0.40 dev ens3 '],
    ['-net 10.1.0.0/16 gw 172.17.0.40 metric 5', '10.1.0.0/16 via 172.17.0.40 dev ens3 metric 5 '],
    ['-net 10.1.0.0/16 ens3', '10.1.0.0/16 dev ens3 scope link '],
    ['10.1.0.0 dev ens3', '10.1.0.0 dev ens3 scope link '],
    ['-host 10.1.0.0 netmask 255.255.255.255 gw 172.17.0.40', '10.1.0.0 via 172.17.0.40 dev ens3 '],
    ['-net 10.1.0.0/16 reject', 'unreachable 10.1.0.0/16 scope host '],
  ])('route add %s, and del', (words, expected) => {
    expect(shell.execute(`route add ${words}`)).toMatchObject({ stderr: '', exitCode: 0 })
    expect(out('ip route | grep 10.1.0.0')).toBe(`${expected}\n`)
    expect(shell.execute(`route add ${words}`)).toMatchObject({ stderr: 'SIOCADDRT: File exists\n', exitCode: 7 })
    expect(shell.execute(`route del ${words}`)).toMatchObject({ stderr: '', exitCode: 0 })
    expect(out('ip route | grep 10.1.0.0')).toBe('')
    expect(shell.execute(`route del ${words}`)).toMatchObject({ stderr: 'SIOCDELRT: No such process\n', exitCode: 7 })
  })

  it.each([
    ['route add -net 10.1.0.0 gw 172.17.0.1', 'SIOCADDRT: Invalid argument', 7],
    ['route del -net 10.1.0.0', 'SIOCDELRT: Invalid argument', 7],
    ['route add -net 10.1.0.0/16', 'SIOCADDRT: No such device', 7],
    ['route add -net 10.1.0.0/16 dev eth9', 'SIOCADDRT: No such device', 7],
    ['route add -net 10.1.0.0/16 gw 192.0.2.1', 'SIOCADDRT: Network is unreachable', 7],
    ['route add -net 10.1.0.1/16 gw 172.17.0.1', "route: netmask doesn't match route address", 3],
    ['route add -net 10.1.0.0 netmask 255.0.255.0 gw 172.17.0.1', 'route: bogus netmask 255.0.255.0', 3],
    ['route add 10.1.0.0/20 gw 172.17.0.1', "route: netmask 00f0ffff doesn't make sense with host route", 3],
    ['route add -net 10.1.0.0/33 gw 172.17.0.1', '10.1.0.0/33: Unknown host', 6],
    ['route add -net 10.1.0.0/16 gw nobody', 'nobody: Unknown host', 6],
    ['route add -net 10.1.0.0/16 gw', 'route: gw needs a value', 3],
    ['route add -net 10.1.0.0/16 gw 172.17.0.1 mss 1400', 'mss is not modelled', 3],
    ['route add', 'route add|del', 3],
    ['route flush', 'route: packetwalk does not know flush', 2],
    ['route -A inet6 add fd00::/64 dev ens3', 'ip -6 route', 2],
  ])('refuses %s', (line, says, exitCode) => {
    const run = shell.execute(line)
    expect(run.stderr).toContain(says)
    expect(run.exitCode).toBe(exitCode)
  })

  it('in a pod speaks as busybox does', () => {
    expect(shell.execute(`${POD} route add -net 10.1.0.0/16 gw 192.0.2.1`)).toMatchObject({
      stderr: 'route: SIOCADDRT: Network is unreachable\n',
      exitCode: 1,
    })
  })
})

describe('words about the machine', () => {
  it('which says where a program is, and fails for one that is not there', () => {
    expect(shell.execute('which ip kubectl crictl')).toMatchObject({
      stdout: '/usr/sbin/ip\n/usr/local/bin/kubectl\n/usr/local/bin/crictl\n',
      exitCode: 0,
    })
    expect(shell.execute('which ip nope')).toMatchObject({ stdout: '/usr/sbin/ip\n', stderr: '', exitCode: 1 })
    expect(shell.execute(`${POD} which kubectl`)).toMatchObject({ stdout: '', exitCode: 1 })
    expect(out(`${POD} which ip ping sh`)).toBe('/sbin/ip\n/bin/ping\n/bin/sh\n')
    expect(shell.execute('which')).toMatchObject({ exitCode: 1 })
  })

  it('$HOSTNAME is the name of the host where a line runs, until somebody sets it', () => {
    expect(out('echo $HOSTNAME')).toBe('controlplane\n')
    expect(out(`${POD} sh -c 'echo $HOSTNAME'`)).toBe('busybox-deployment-8c7dc8548-x6ljh\n')
    expect(out(`${POD} sh -c "echo $HOSTNAME"`)).toBe('controlplane\n')
    expect(out('HOSTNAME=mine; echo $HOSTNAME')).toBe('mine\n')
  })

  it('a directory of sysctl prints what is below it, each as by itself', () => {
    const below = out('sysctl net.ipv4.conf.tunl0').trim().split('\n')
    expect(below.length).toBeGreaterThan(10)
    expect(below).toEqual([...below].sort())
    for (const line of below) expect(out(`sysctl ${line.split(' = ')[0]}`)).toBe(`${line}\n`)
    expect(out('sysctl net/ipv4/neigh')).not.toContain('neigh.all.')
    expect(shell.execute('sysctl net.ipv4.conf.tunl9').exitCode).toBe(1)
  })

  it.each(['ipset list -o save', 'ipset list -output save', 'ipset -o save list', 'ipset save -o plain'])(
    '%s is ipset save',
    (line) => {
      expect(out(line)).toBe(out('ipset save'))
      expect(out(line)).toMatch(/^create cali40/)
    },
  )

  it.each([
    ['ipset list -o xml', 'ipset -o xml is not known here', 2],
    ['ipset list -o loud', "unknown output mode 'loud'", 1],
    ['conntrack -L --state ESTABLISHED', 'has to be told: -p tcp', 2],
    ['conntrack -L --icmp-type 8', 'has to be told: -p icmp', 2],
    ['systemctl disable --now kubelet', 'now: systemctl stop kubelet', 2],
    ['systemctl unmask kubelet', 'now: systemctl start kubelet', 2],
    ['calico-node -show-status', 'birdcl show protocols', 2],
    ['dig @8.8.8.8 example.org', 'nobody at 8.8.8.8 answers', 2],
    [`${POD} nslookup web 8.8.8.8`, 'nobody at 8.8.8.8 answers', 2],
    ['dig @10.96.0.10 +short web.shop.svc.cluster.local', 'is no name of this cluster', 0],
    ['dig +short web.shop.svc.cluster.local', "a node does not ask the cluster's DNS", 0],
  ])('%s', (line, says, exitCode) => {
    const run = shell.execute(line)
    expect(run.stderr).toContain(says)
    expect(run.exitCode).toBe(exitCode)
  })
})

describe("the cluster's DNS by its address", () => {
  const town = (): Shell =>
    new Shell(Lab.load(readFileSync(new URL('../support/town.yaml', import.meta.url), 'utf8')), 'n1')

  it.each([
    ['dig @10.96.0.2 +short db.shop.svc.cluster.local', '10.96.0.20\n'],
    ['dig @10.96.0.2 db.shop.svc.cluster.local', 'db.shop.svc.cluster.local. 30 IN A 10.96.0.20\n'],
    ['nslookup db.shop.svc.cluster.local 10.96.0.2 | tail -n 2', 'Address: 10.96.0.20\n\n'],
  ])('is asked from a node for whole names: %s', (line, expected) => {
    expect(town().execute(line).stdout).toBe(expected)
  })

  it.each([
    ['dig @10.96.0.2 +short db.shop', "a node does not ask the cluster's DNS"],
    ['dig +short db.shop.svc.cluster.local', "a node does not ask the cluster's DNS"],
    ['dig @10.96.0.10 +short db.shop.svc.cluster.local', 'nobody at 10.96.0.10 answers'],
  ])('%s is not answered', (line, says) => {
    const run = town().execute(line)
    expect(run.stdout).toBe('')
    expect(run.stderr).toContain(says)
  })

  it('does not answer where its pod is gone', () => {
    const shell = town()
    shell.execute('kubectl delete pod dns-0 -n kube-system')
    const run = shell.execute('dig @10.96.0.2 +short db.shop.svc.cluster.local')
    expect(run.stdout).toContain('no servers could be reached')
    expect(run.exitCode).toBe(9)
  })
})
