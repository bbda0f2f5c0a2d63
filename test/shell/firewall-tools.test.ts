// What iptables and ipset do besides listing: checks, counters that begin anew, sets that are in use.
import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { Shell } from '../../src/shell/index.ts'

const DEMO = readFileSync(new URL('../../examples/demo/ipip.yaml', import.meta.url), 'utf8')
let shell: Shell
beforeEach(() => {
  shell = new Shell(Lab.load(DEMO), 'controlplane')
})
const out = (line: string): string => shell.execute(line).stdout

describe('iptables', () => {
  it('-C says whether a rule is there', () => {
    expect(shell.execute('iptables -C INPUT -s 10.9.0.0/16 -j DROP')).toMatchObject({
      exitCode: 1,
      stderr: 'iptables: Bad rule (does a matching rule exist in that chain?).\n',
    })
    shell.execute('iptables -A INPUT -s 10.9.0.0/16 -j DROP')
    expect(shell.execute('iptables -C INPUT -s 10.9.0.0/16 -j DROP')).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: '',
    })
  })

  it('-Z counts anew, a chain or all', () => {
    const packets = (chain: string): string | undefined =>
      /^ +(\d+)/m.exec(out(`iptables -L ${chain} -n -v -x | tail -n +3`))?.[1]
    shell.execute('iptables -I OUTPUT -p icmp -j ACCEPT')
    shell.execute('iptables -I INPUT -p icmp -j ACCEPT')
    shell.execute('ping -c 3 172.17.0.40')
    expect([packets('OUTPUT'), packets('INPUT')]).toEqual(['3', '3'])
    shell.execute('iptables -Z OUTPUT')
    expect([packets('OUTPUT'), packets('INPUT')]).toEqual(['0', '3'])
    shell.execute('ping -c 1 172.17.0.40')
    expect([packets('OUTPUT'), packets('INPUT')]).toEqual(['1', '4'])
    shell.execute('iptables -Z')
    expect([packets('OUTPUT'), packets('INPUT')]).toEqual(['0', '0'])
    expect(shell.execute('iptables -Z NOPE')).toMatchObject({ exitCode: 1 })
  })
})

describe('ipset', () => {
  it.each([
    ['ipset test a 10.0.0.5', 'Warning: 10.0.0.5 is in set a.', 0],
    ['ipset test a 10.9.0.5', '10.9.0.5 is NOT in set a.', 1],
    ['ipset test nope 10.0.0.5', 'ipset v7.17: The set with the given name does not exist', 1],
    ['ipset rename nope b', 'ipset v7.17: The set with the given name does not exist', 1],
    [
      'ipset rename a cali40all-ipam-pools',
      'ipset v7.17: Set cannot be renamed: a set with the new name already exists',
      1,
    ],
    ['ipset swap a nope', 'ipset v7.17: Sets cannot be swapped: the second set does not exist', 1],
    ['ipset swap a ips', 'ipset v7.17: The sets cannot be swapped: their type does not match', 1],
    [
      'ipset destroy cali40all-ipam-pools',
      'ipset v7.17: Set cannot be destroyed: it is in use by a kernel component',
      1,
    ],
    ['ipset destroy a', '', 0],
    ['ipset rename a b', '', 0],
  ])('%s', (line, words, exitCode) => {
    shell.execute('ipset create a hash:net')
    shell.execute('ipset create ips hash:ip')
    shell.execute('ipset add a 10.0.0.0/24')
    const run = shell.execute(line)
    expect(run.stderr).toBe(words === '' ? '' : `${words}\n`)
    expect(run.exitCode).toBe(exitCode)
  })

  it('a set of another name keeps its members', () => {
    shell.execute('ipset create a hash:net')
    shell.execute('ipset add a 10.0.0.0/24')
    shell.execute('ipset rename a b')
    expect(out('ipset list b | tail -1')).toBe('10.0.0.0/24\n')
  })
})

describe('iptables-restore', () => {
  it('puts back what iptables-save printed, from a file, a redirection or a pipe', () => {
    shell.execute('iptables -N MINE')
    shell.execute('iptables -A MINE -s 10.9.0.0/16 -j DROP')
    shell.execute('iptables-save -t filter > /tmp/rules')
    const rules = out('iptables -S | sort')
    for (const line of [
      'iptables-restore < /tmp/rules',
      'iptables-restore /tmp/rules',
      'cat /tmp/rules | iptables-restore',
    ]) {
      shell.execute('iptables -F && iptables -X')
      expect(out('iptables -S | wc -l')).toBe('3\n')
      expect(shell.execute(line)).toMatchObject({ exitCode: 0, stderr: '' })
      expect(out('iptables -S | sort')).toBe(rules)
    }
  })

  it.each([
    ['iptables-restore', 'iptables-restore < FILE', 2],
    ['iptables-restore /tmp/none', "Can't open /tmp/none: No such file or directory", 1],
    ['iptables-restore --test', 'is not known here', 2],
  ])('%s', (line, words, exitCode) => {
    const run = shell.execute(line)
    expect(run.stderr).toContain(words)
    expect(run.exitCode).toBe(exitCode)
  })

  it('ipset restore reads members', () => {
    shell.execute('echo "create a hash:net" | ipset restore')
    shell.execute('echo "add a 10.0.0.0/24" > /tmp/members; ipset restore < /tmp/members')
    expect(out('ipset list a | tail -1')).toBe('10.0.0.0/24\n')
  })
})
