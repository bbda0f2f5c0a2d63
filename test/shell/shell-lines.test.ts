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
