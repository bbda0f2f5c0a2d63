// What a word of `ipset add` puts into a set, by type and family; and what no set of that type can hold.
import { describe, expect, it } from 'vitest'
import { ipsetSave, memberForm, membersOf, parseNamespaceDump } from '../../src/linux/index.ts'
import type { IpSet } from '../../src/model/index.ts'

type Kind = Pick<IpSet, 'type' | 'family'>
const members = (type: IpSet['type'], word: string, family?: 'inet' | 'inet6') => {
  const set: Kind = { type, ...(family === undefined ? {} : { family }) }
  return membersOf(['add', 's', word], set)
}

describe('one word, its members', () => {
  const rows: readonly (readonly [IpSet['type'], string, readonly string[], ('inet' | 'inet6')?])[] = [
    ['hash:ip', '10.0.0.1', ['10.0.0.1']],
    ['hash:ip', '10.0.0.1/32', ['10.0.0.1']],
    ['hash:ip', '10.0.0.0/30', ['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.3']],
    ['hash:ip', '10.0.0.3-10.0.0.1', ['10.0.0.1', '10.0.0.2', '10.0.0.3']],
    ['hash:ip', '10.0.0.1-10.0.0.1', ['10.0.0.1']],
    ['hash:ip', '10.0.0.255-10.0.1.0', ['10.0.0.255', '10.0.1.0']],
    ['hash:ip', 'fd00::1', ['fd00::1'], 'inet6'],
    ['hash:ip', 'fd00::1/128', ['fd00::1'], 'inet6'],
    ['hash:net', '10.0.0.1', ['10.0.0.1']],
    ['hash:net', '10.0.0.1/32', ['10.0.0.1']],
    ['hash:net', '10.0.0.0/8', ['10.0.0.0/8']],
    ['hash:net', '0.0.0.0-255.255.255.255', ['0.0.0.0/0']],
    ['hash:net', '10.0.0.1-10.0.0.4', ['10.0.0.1', '10.0.0.2/31', '10.0.0.4']],
    ['hash:net', '10.0.0.0-10.0.0.255', ['10.0.0.0/24']],
    ['hash:net', 'fd00::/8', ['fd00::/8'], 'inet6'],
    ['hash:net', 'fd00::1/128', ['fd00::1'], 'inet6'],
    ['hash:ip,port', '10.0.0.1,80', ['10.0.0.1,tcp:80']],
    ['hash:ip,port', '10.0.0.1,udp:53-55', ['10.0.0.1,udp:53', '10.0.0.1,udp:54', '10.0.0.1,udp:55']],
    ['hash:ip,port', '10.0.0.1,tcp:65535', ['10.0.0.1,tcp:65535']],
    ['hash:ip,port', '10.0.0.1,icmp:8/0', ['10.0.0.1,icmp:8/0']],
    ['hash:ip,port', '10.0.0.1,icmp:echo-request', ['10.0.0.1,icmp:echo-request']],
    ['hash:ip,port', 'fd00::1,icmpv6:128', ['fd00::1,icmpv6:128'], 'inet6'],
    ['hash:ip,port', '10.0.0.0/31,tcp:1-2', ['10.0.0.0,tcp:1', '10.0.0.0,tcp:2', '10.0.0.1,tcp:1', '10.0.0.1,tcp:2']],
    ['hash:net,port', '10.0.0.0/8,sctp:7', ['10.0.0.0/8,sctp:7']],
    ['hash:net,net', '10.0.0.0/8,10.1.0.0/16', ['10.0.0.0/8,10.1.0.0/16']],
    ['hash:ip,port,ip', '10.0.0.1,80,10.0.0.2', ['10.0.0.1,tcp:80,10.0.0.2']],
    ['hash:ip,port,net', '10.0.0.1,80,10.0.0.0/8', ['10.0.0.1,tcp:80,10.0.0.0/8']],
    ['hash:mac', '02:00:00:00:00:01', ['02:00:00:00:00:01']],
    ['bitmap:port', '80', ['80']],
    ['bitmap:port', '80-90', ['80-90']],
    ['bitmap:port', 'tcp:80', ['tcp:80']],
    ['bitmap:ip', '10.0.0.0/31', ['10.0.0.0', '10.0.0.1']],
    ['list:set', 'other', ['other']],
  ]
  it.each(rows.map(([type, word, expected, family]) => ({ type, word, expected, family })))(
    '$type $word',
    ({ type, word, expected, family }) => {
      expect(members(type, word, family)).toEqual(expected)
    },
  )

  it('as many as a set holds at once, and not one more', () => {
    expect(members('hash:ip', '10.0.0.0/16')).toHaveLength(65_536)
    expect(members('hash:ip', '10.0.0.0-10.1.0.0')).toBeUndefined()
    expect(members('hash:ip', '10.0.0.0/15')).toBeUndefined()
    expect(members('hash:ip,port', '10.0.0.0/24,tcp:1-256')).toHaveLength(65_536)
    expect(members('hash:ip,port', '10.0.0.0/24,tcp:1-257')).toBeUndefined()
  })

  it('nomatch stays with each; timeouts and comments do not', () => {
    const set: Kind = { type: 'hash:net', family: 'inet' }
    expect(membersOf(['add', 's', '10.0.0.1-10.0.0.2', 'timeout', '5', 'nomatch'], set)).toEqual([
      '10.0.0.1 nomatch',
      '10.0.0.2 nomatch',
    ])
    expect(membersOf(['add', 's', '10.0.0.1', 'comment', 'x'], set)).toEqual(['10.0.0.1'])
    expect(membersOf(['add', 'nomatch', '10.0.0.1'], set)).toEqual(['10.0.0.1'])
    expect(membersOf(['add', 's'], set)).toBeUndefined()
  })
})

describe('no member of such a set', () => {
  const rows: readonly (readonly [IpSet['type'], string, string, ('inet' | 'inet6')?])[] = [
    ['hash:ip', 'fd00::1', 'a member of hash:ip (inet), at most 65536 at once'],
    ['hash:ip', '10.0.0.1', 'a member of hash:ip (inet6), at most 65536 at once', 'inet6'],
    ['hash:ip', 'fd00::/64', 'a member of hash:ip (inet6), at most 65536 at once', 'inet6'],
    ['hash:ip', 'host.example', 'a member of hash:ip (inet), at most 65536 at once'],
    ['hash:ip', '10.0.0.1-x', 'a member of hash:ip (inet), at most 65536 at once'],
    ['hash:ip', 'x-10.0.0.1', 'a member of hash:ip (inet), at most 65536 at once'],
    ['hash:ip', '10.0.0.1-fd00::1', 'a member of hash:ip (inet), at most 65536 at once'],
    ['hash:ip', '10.0.0.1,80', 'a member of hash:ip (inet), at most 65536 at once'],
    ['hash:net', 'fd00::/8', 'a member of hash:net (inet), at most 65536 at once'],
    ['hash:net', '10.0.0.0/8', 'a member of hash:net (inet6), at most 65536 at once', 'inet6'],
    ['hash:net', 'fd00::1-fd00::2', 'a member of hash:net (inet6), at most 65536 at once', 'inet6'],
    ['hash:ip,port', '10.0.0.1', 'a member of hash:ip,port (inet), at most 65536 at once'],
    ['hash:ip,port', '10.0.0.1,:80', 'a member of hash:ip,port (inet), at most 65536 at once'],
    ['hash:ip,port', '10.0.0.1,65536', 'a member of hash:ip,port (inet), at most 65536 at once'],
    ['hash:ip,port', '10.0.0.1,what:1', 'a member of hash:ip,port (inet), at most 65536 at once'],
    ['hash:ip,port', '10.0.0.1,icmp:8:0', 'a member of hash:ip,port (inet), at most 65536 at once'],
    ['hash:ip,port', '10.0.0.1,tcp:http', 'a member of hash:ip,port (inet), at most 65536 at once'],
    ['hash:mac', '10.0.0.1', 'a link-layer address'],
    ['bitmap:port', '65536', 'a port or a range of ports'],
    ['bitmap:port', '1-65536', 'a port or a range of ports'],
    ['bitmap:port', 'x', 'a port or a range of ports'],
  ]
  it.each(rows.map(([type, word, form, family]) => ({ type, word, form, family })))(
    '$type $word',
    ({ type, word, form, family }) => {
      expect(members(type, word, family)).toBeUndefined()
      expect(memberForm({ type, ...(family === undefined ? {} : { family }) })).toBe(form)
      const family_ = type === 'hash:mac' || !type.startsWith('hash:') ? '' : ` family ${family ?? 'inet'}`
      const { issues } = parseNamespaceDump('n', 'host', { 'ipset.txt': `create s ${type}${family_}\nadd s ${word}\n` })
      expect(issues).toMatchObject([{ kind: 'invalid', line: 2, expected: form, received: word }])
    },
  )

  it('a list of sets holds names', () => expect(memberForm({ type: 'list:set' })).toBe('the name of a set'))
})

describe('ipset save, and ipset list', () => {
  const SAVE = [
    'create nets hash:net family inet hashsize 1024 maxelem 65536',
    'add nets 10.0.0.0/8',
    'add nets 10.1.0.0/16 nomatch',
    'create six hash:ip family inet6',
    'add six fd00::1',
    'create macs hash:mac',
    'add macs 02:00:00:00:00:01',
    'create ports bitmap:port range 0-65535',
    'add ports 80',
    'create both list:set size 8',
    'add both nets',
    '',
  ].join('\n')

  it('is printed as it was read', () => {
    const { namespace, issues } = parseNamespaceDump('n', 'host', { 'ipset.txt': `# a comment\n${SAVE}` })
    expect(issues).toEqual([])
    expect(ipsetSave(namespace.ipsets)).toBe(SAVE)
  })

  it('a listing says the same', () => {
    const block = (name: string, type: string, header: string, ...list: string[]) =>
      `Name: ${name}\nType: ${type}\nRevision: 7\nHeader: ${header}\nSize in memory: 500\nReferences: 1\nNumber of entries: ${list.length}\nMembers:\n${list.map((item) => `${item}\n`).join('')}\n`
    const text =
      block('nets', 'hash:net', 'family inet hashsize 1024 maxelem 65536', '10.0.0.0/8', '10.1.0.0/16 nomatch') +
      block('odd', 'hash:ip,mark', 'family inet', '10.0.0.1,0x1') +
      block('macs', 'hash:mac', '', '02:00:00:00:00:01')
    const { namespace, issues } = parseNamespaceDump('n', 'host', { 'ipset.txt': text })
    expect(issues).toMatchObject([{ kind: 'unsupported', received: 'hash:ip,mark', line: 19 }])
    expect(ipsetSave(namespace.ipsets)).toBe(
      'create nets hash:net family inet hashsize 1024 maxelem 65536\nadd nets 10.0.0.0/8\nadd nets 10.1.0.0/16 nomatch\ncreate macs hash:mac\nadd macs 02:00:00:00:00:01\n',
    )
  })

  it.each([
    ['create', 'syntax', 'create NAME TYPE …'],
    ['create s', 'syntax', 'create NAME TYPE …'],
    ['destroy s', 'syntax', 'create … or add …'],
    ['add s 10.0.0.1', 'missing_reference', 'add SET MEMBER'],
  ])('%s: %s', (line, kind, expected) => {
    const { issues } = parseNamespaceDump('n', 'host', { 'ipset.txt': `${line}\n` })
    expect(issues).toMatchObject([{ kind, expected, line: 1 }])
  })
})
