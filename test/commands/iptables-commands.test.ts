// iptables, iptables-restore and ipset: every command in its short and long form, and what each refuses.
import { describe, expect, it } from 'vitest'
import { applyCommand } from '../../src/commands/index.ts'
import { ipsetSave, iptablesSave } from '../../src/linux/index.ts'
import type { Network } from '../../src/model/index.ts'
import { changed, own, start } from './changed.ts'

const saved = (network: Network, table = 'filter', family: 'inet' | 'inet6' = 'inet'): string[] =>
  iptablesSave(family === 'inet' ? own(network).iptables : own(network).ip6tables, { table, family })
    .split('\n')
    .filter((line) => line !== '' && !/^(\*|COMMIT|:(INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING) ACCEPT)/.test(line))

const refused = (network: Network, command: string): string =>
  (applyCommand(network, 'n', command) as { readonly refused: string }).refused

const THREE = [
  'iptables -A FORWARD -p tcp -j DROP',
  'iptables -A FORWARD -p udp -j DROP',
  'iptables -A FORWARD -j ACCEPT',
]
const [TCP, UDP, ALL] = ['-A FORWARD -p tcp -j DROP', '-A FORWARD -p udp -j DROP', '-A FORWARD -j ACCEPT'] as const

describe('rules', () => {
  it.each([
    ['-A FORWARD -p 50 -j DROP', [TCP, UDP, ALL, '-A FORWARD -p esp -j DROP']],
    ['--append FORWARD -p 50 -j DROP', [TCP, UDP, ALL, '-A FORWARD -p esp -j DROP']],
    ['-I FORWARD -p 50 -j DROP', ['-A FORWARD -p esp -j DROP', TCP, UDP, ALL]],
    ['--insert FORWARD 1 -p 50 -j DROP', ['-A FORWARD -p esp -j DROP', TCP, UDP, ALL]],
    ['-I FORWARD 2 -p 50 -j DROP', [TCP, '-A FORWARD -p esp -j DROP', UDP, ALL]],
    ['-I FORWARD 4 -p 50 -j DROP', [TCP, UDP, ALL, '-A FORWARD -p esp -j DROP']],
    ['-R FORWARD 1 -p 50 -j DROP', ['-A FORWARD -p esp -j DROP', UDP, ALL]],
    ['--replace FORWARD 3 -p 50 -j DROP', [TCP, UDP, '-A FORWARD -p esp -j DROP']],
    ['-D FORWARD 1', [UDP, ALL]],
    ['--delete FORWARD 3', [TCP, UDP]],
    ['-D FORWARD -p 6 -j DROP', [UDP, ALL]],
    ['-F FORWARD', []],
    ['--flush', []],
    ['-Z', [TCP, UDP, ALL]],
    ['--zero FORWARD', [TCP, UDP, ALL]],
    ['-t filter -w -D FORWARD 1', [UDP, ALL]],
    ['-w 5 -D FORWARD 1', [UDP, ALL]],
    ['--wait --table filter -D FORWARD 1', [UDP, ALL]],
    ['-P FORWARD DROP', [':FORWARD DROP [0:0]', TCP, UDP, ALL]],
    ['--policy FORWARD ACCEPT', [TCP, UDP, ALL]],
  ])('iptables %s', (words, rules) => expect(saved(changed(...THREE, `iptables ${words}`))).toEqual(rules))

  it('a flush of one chain leaves the others; tables and families are apart', () => {
    const more = changed(
      ...THREE,
      'iptables -A INPUT -j DROP',
      'iptables -t raw -A OUTPUT -j NOTRACK',
      'ip6tables -A INPUT -j DROP',
      'iptables -F FORWARD',
    )
    expect(saved(more)).toEqual(['-A INPUT -j DROP'])
    expect(saved(more, 'raw')).toEqual(['-A OUTPUT -j NOTRACK'])
    expect(saved(more, 'filter', 'inet6')).toEqual(['-A INPUT -j DROP'])
  })

  it.each([
    ['raw', ['PREROUTING', 'OUTPUT']],
    ['mangle', ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']],
    ['nat', ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING']],
    ['filter', ['INPUT', 'FORWARD', 'OUTPUT']],
    ['security', ['INPUT', 'FORWARD', 'OUTPUT']],
  ])('table %s starts with its base chains', (table, chains) => {
    const made = own(changed(`iptables -t ${table} -N own`)).iptables!.tables[table as 'nat']!.chains
    expect(Object.entries(made).map(([name, { policy }]) => `${name} ${policy}`)).toEqual([
      ...chains.map((chain) => `${chain} ACCEPT`),
      'own undefined',
    ])
  })

  it.each([
    ['-I FORWARD 5 -j DROP', 'iptables: Index of insertion too big.'],
    ['-I FORWARD 0 -j DROP', "iptables v1.8.9 (legacy): Invalid rule number `0'"],
    ['-D FORWARD 4', 'iptables: Index of deletion too big.'],
    ['-D FORWARD 0', "iptables v1.8.9 (legacy): Invalid rule number `0'"],
    ['-R FORWARD 4 -j DROP', 'iptables: Index of replacement too big.'],
    ['-R FORWARD', 'iptables v1.8.9 (legacy): -R requires a rule number'],
    ['-R FORWARD -j DROP', 'iptables v1.8.9 (legacy): -R requires a rule number'],
    ['-R FORWARD x -j DROP', "iptables v1.8.9 (legacy): Invalid rule number `x'"],
    ['-D FORWARD -p 50 -j DROP', 'iptables: Bad rule (does a matching rule exist in that chain?).'],
    ['-D FORWARD 1 -j DROP', 'expected an option, not 1, received 1 -j DROP'],
    ['-D NOPE 1', 'iptables: No chain/target/match by that name.'],
    ['-F NOPE', 'iptables: No chain/target/match by that name.'],
    // As iptables 1.8.9 and a kernel answer.
    ['-A', 'iptables v1.8.9 (legacy): option "-A" requires an argument'],
    ['-A FORWARD -j', 'iptables v1.8.9 (legacy): option "-j" requires an argument'],
    ['-A FORWARD -j NOPE', "iptables v1.8.9 (legacy): Couldn't load target `NOPE':No such file or directory"],
    ['-A FORWARD -m nope -j DROP', "iptables v1.8.9 (legacy): Couldn't load match `nope':No such file or directory"],
    ['-A FORWARD -j ACCEPT -j DROP', 'multiple -j flags not allowed'],
    ['-A FORWARD --dport 80 -j DROP', 'iptables v1.8.9 (legacy): unknown option "--dport"'],
    ['-A FORWARD -p tcp --dport 99999 -j DROP', "iptables v1.8.9 (legacy): invalid port/service `99999' specified"],
    ['-A FORWARD -p tcp --dport nope -j DROP', "iptables v1.8.9 (legacy): invalid port/service `nope' specified"],
    ['-A FORWARD -s banana -j DROP', "iptables v1.8.9 (legacy): host/network `banana' not found"],
    ['-A FORWARD -m conntrack --ctstate NOPE -j DROP', 'iptables v1.8.9 (legacy): Bad ctstate "NOPE"'],
    ['-A FORWARD -i toolonginterfacename', "interface name `toolonginterfacename' must be shorter than IFNAMSIZ (15)"],
    ['-A OUTPUT -i lo -j DROP', "iptables v1.8.9 (legacy): Can't use -i with OUTPUT"],
    ['-A INPUT -o lo -j DROP', "iptables v1.8.9 (legacy): Can't use -o with INPUT"],
    ['-A FORWARD -j MASQUERADE', "iptables: Invalid argument. Run `dmesg' for more information."],
    [
      '-t nat -A PREROUTING -j SNAT --to-source 1.2.3.4',
      "iptables: Invalid argument. Run `dmesg' for more information.",
    ],
    ['-t nat -A POSTROUTING -j DNAT --to-destination 1.2.3.4', "Invalid argument. Run `dmesg' for more information."],
    ['-t nat -A POSTROUTING -j REJECT', "iptables: Invalid argument. Run `dmesg' for more information."],
    ['-N ACCEPT', 'iptables v1.8.9 (legacy): chain name may not clash with target name'],
    ['-N averyveryverylongchainnamethatistoolong', 'too long (must be under 29 chars)'],
    ['--foo', 'iptables v1.8.9 (legacy): unknown option "--foo"'],
    ['-A FORWARD -g NOPE', "iptables v1.8.9 (legacy): goto 'NOPE' is not a chain"],
    ['-A FORWARD -p what', 'unknown protocol "what" specified'],
    ['-P FORWARD REJECT', "iptables: Bad policy name. Run `dmesg' for more information."],
    ['-t nat', 'iptables v1.8.9 (legacy): no command specified'],
    ['-t', "can't initialize iptables table `': Table does not exist"],
    ['-L', 'expected a command that changes rules, received -L'],
    ['-S FORWARD', 'expected a command that changes rules, received -S'],
    ['-C FORWARD -j DROP', 'iptables: Bad rule (does a matching rule exist in that chain?).'],
    ['-N', 'iptables v1.8.9 (legacy): option "-N" requires an argument'],
    ['-P FORWARD', 'iptables v1.8.9 (legacy): -P requires a chain and a policy'],
    ['-N FORWARD', 'iptables: Chain already exists.'],
  ])('iptables %s is refused', (words, text) => expect(refused(changed(...THREE), `iptables ${words}`)).toContain(text))
})

describe('chains', () => {
  const CHAINS = [
    'iptables -N one',
    'iptables --new-chain two',
    'iptables --new three',
    'iptables -A one -j RETURN',
    'iptables -A FORWARD -j two',
    'iptables -A INPUT -g two',
  ]
  const chains = (...commands: string[]) =>
    Object.keys(own(changed(...CHAINS, ...commands)).iptables!.tables.filter!.chains).slice(3)
  it.each([
    ['-X three', ['one', 'two']],
    ['--delete-chain three', ['one', 'two']],
    ['-E one uno', ['uno', 'two', 'three']],
    ['--rename-chain three tre', ['one', 'two', 'tre']],
  ])('iptables %s', (words, left) => expect(chains(`iptables ${words}`)).toEqual(left))

  it('-X without a name takes all', () => expect(chains('iptables -F', 'iptables -X')).toEqual([]))

  it.each([
    ['-X one', 'iptables: Directory not empty.'],
    ['-X', 'iptables: Too many links.'],
    ['-X two', 'iptables: Too many links.'],
    ['-X FORWARD', "iptables: Invalid argument. Run `dmesg' for more information."],
    ['-X NOPE', 'iptables: No chain/target/match by that name.'],
    ['-E one two', 'iptables: File exists.'],
    ['-E one', 'iptables v1.8.9 (legacy): -E requires old-chain-name and new-chain-name'],
    ['-E FORWARD four', 'iptables: No chain/target/match by that name.'],
    ['-P NOPE DROP', 'iptables: Bad built-in chain name.'],
    ['-E two due', 'expected a chain nobody jumps to, received renaming two, which rules jump to'],
    ['-P one DROP', 'iptables: Bad built-in chain name.'],
  ])('iptables %s is refused', (words, text) =>
    expect(refused(changed(...CHAINS), `iptables ${words}`)).toContain(text),
  )

  it('a chain only others go to is free once they are gone', () => {
    expect(refused(changed('iptables -N two', 'iptables -A INPUT -g two'), 'iptables -X two')).toBe(
      'iptables: Too many links.',
    )
  })
})

describe('iptables-restore', () => {
  const restored = (text: string, options = '', tool = 'iptables-restore'): Network => {
    const result = applyCommand(
      changed(...THREE, 'iptables -N own', 'iptables -A own -j RETURN', 'iptables -t nat -N keep'),
      'n',
      `${tool} ${options}`,
      { stdin: text },
    )
    if ('refused' in result) throw new TypeError(result.refused)
    return result.network
  }
  it('replaces the tables it names', () => {
    const network = restored('*filter\n:INPUT DROP [0:0]\n:mine - [0:0]\n-A INPUT -j mine\nCOMMIT\n')
    expect(saved(network)).toEqual([':INPUT DROP [0:0]', ':mine - [0:0]', '-A INPUT -j mine'])
    expect(saved(network, 'nat')).toEqual([':keep - [0:0]'])
  })

  it.each(['-n', '--noflush'])('%s adds to what is there; a chain that is declared starts empty', (option) => {
    const network = restored('*filter\n:own - [0:0]\n-A FORWARD -j own\n-A own -j ACCEPT\nCOMMIT\n', option)
    expect(saved(network)).toEqual([':own - [0:0]', TCP, UDP, ALL, '-A FORWARD -j own', '-A own -j ACCEPT'])
    const onlyRule = restored('*filter\n-A own -j ACCEPT\nCOMMIT\n', option)
    expect(saved(onlyRule)).toEqual([':own - [0:0]', TCP, UDP, ALL, '-A own -j RETURN', '-A own -j ACCEPT'])
    expect(saved(restored('*filter\n:FORWARD DROP\nCOMMIT\n', option))).toEqual([
      ':FORWARD DROP [0:0]',
      ':own - [0:0]',
      TCP,
      UDP,
      ALL,
      '-A own -j RETURN',
    ])
  })

  it('of the other family', () => {
    const network = restored('*filter\n-A INPUT -s fd00::/8 -j DROP\nCOMMIT\n', '', 'ip6tables-restore')
    expect(saved(network, 'filter', 'inet6')).toEqual(['-A INPUT -s fd00::/8 -j DROP'])
    expect(saved(network)).toContain(TCP)
  })

  it('refuses all of it when a line is wrong', () => {
    const result = applyCommand(start, 'n', 'iptables-restore', {
      stdin: '*filter\n-A INPUT -j DROP\n-A NOPE -j DROP\nCOMMIT\n',
    })
    expect(result).toMatchObject({ refused: 'iptables-restore: expected a chain of this table, received NOPE' })
  })

  it.each(['iptables-legacy', 'iptables-nft', '/usr/sbin/iptables'])('%s is the same tool', (tool) => {
    expect(saved(changed(`${tool} -A INPUT -j DROP`))).toEqual(['-A INPUT -j DROP'])
  })
})

describe('ipset', () => {
  const MADE = ['ipset create a hash:ip', 'ipset add a 10.0.0.1', 'ipset create b hash:net']
  const sets = (...commands: string[]) =>
    ipsetSave(own(changed(...MADE, ...commands)).ipsets)
      .trimEnd()
      .split('\n')
  const [A, A1, B] = ['create a hash:ip family inet', 'add a 10.0.0.1', 'create b hash:net family inet'] as const
  it.each([
    ['add a 10.0.0.2', [A, A1, 'add a 10.0.0.2', B]],
    ['-A a 10.0.0.2', [A, A1, 'add a 10.0.0.2', B]],
    ['add a 10.0.0.1 -exist', [A, A1, B]],
    ['-! add a 10.0.0.1', [A, A1, B]],
    ['add b 10.0.0.0/8 nomatch', [A, A1, B, 'add b 10.0.0.0/8 nomatch']],
    ['del a 10.0.0.1', [A, B]],
    ['-D a 10.0.0.1', [A, B]],
    ['del a 10.0.0.9 -exist', [A, A1, B]],
    ['flush', [A, B]],
    ['flush a', [A, B]],
    ['-F b', [A, A1, B]],
    ['destroy a', [B]],
    ['x b', [A, A1]],
    ['-X a', [B]],
    ['destroy', ['']],
    ['n c hash:mac', [A, A1, B, 'create c hash:mac']],
    ['-N c hash:mac', [A, A1, B, 'create c hash:mac']],
    ['create a hash:net -exist', [A, A1, B]],
    ['-q flush a', [A, B]],
    ['rename a c', ['create c hash:ip family inet', 'add c 10.0.0.1', B]],
  ])('ipset %s', (words, lines) => expect(sets(`ipset ${words}`)).toEqual(lines))

  it('swap: the members go with the name', () => {
    expect(sets('ipset create c hash:ip', 'ipset swap a c')).toEqual([
      A,
      B,
      'create c hash:ip family inet',
      'add c 10.0.0.1',
    ])
  })

  it('restore', () => {
    const result = applyCommand(changed(...MADE), 'n', 'ipset restore', {
      stdin: 'create c hash:ip\nadd c 10.0.0.5\nadd a 10.0.0.2\n',
    })
    expect('network' in result && ipsetSave(own(result.network).ipsets).split('\n')).toEqual([
      A,
      A1,
      'add a 10.0.0.2',
      B,
      'create c hash:ip family inet',
      'add c 10.0.0.5',
      '',
    ])
  })

  it.each([
    ['create a hash:ip', 'ipset v7.17: Set cannot be created: set with the same name already exists'],
    ['create c hash:ip,mark', 'received hash:ip,mark'],
    ['create c', "ipset v7.17: Missing second mandatory argument to command create\nTry `ipset help'"],
    ['create c hash:nope', "ipset v7.17: Syntax error: typename 'hash:nope' is unknown"],
    ['create c hash:ip family inet5', 'ipset v7.17: Syntax error: unknown inet family inet5'],
    ['foo', 'ipset v7.17: No command specified: unknown argument foo'],
    ['', 'ipset v7.17: No command specified.'],
    ['add b 10.0.0.0/33', "ipset v7.17: Syntax error: '33' is out of range 0-32"],
    ['add a 10.0.0.1', "ipset v7.17: Element cannot be added to the set: it's already added"],
    ['del a 10.0.0.9', "ipset v7.17: Element cannot be deleted from the set: it's not added"],
    ['add a here', 'ipset v7.17: Syntax error: cannot parse here: resolving to IPv4 address failed'],
    ['add a', 'ipset v7.17: Missing second mandatory argument to command add'],
    ['flush c', 'ipset v7.17: The set with the given name does not exist'],
    ['destroy c', 'ipset v7.17: The set with the given name does not exist'],
    ['swap a c', 'ipset v7.17: Sets cannot be swapped: the second set does not exist'],
    ['swap a b', 'ipset v7.17: The sets cannot be swapped: their type does not match'],
    ['rename a b', 'ipset v7.17: Set cannot be renamed: a set with the new name already exists'],
    ['rename c d', 'ipset v7.17: The set with the given name does not exist'],
    ['list', 'expected ipset create, add, del, flush, destroy, rename, swap or restore, received list'],
  ])('ipset %s is refused', (words, text) => expect(refused(changed(...MADE), `ipset ${words}`)).toContain(text))
})
