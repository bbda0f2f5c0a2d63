// ip addr flush takes the addresses of which all that is said is so, and no others.
import { describe, expect, it } from 'vitest'
import { applyCommand } from '../../src/commands/index.ts'
import { iface, namespace, networkOf } from '../../src/model/index.ts'

const START = networkOf(
  [
    namespace('n', {
      interfaces: [
        iface({ name: 'va', mac: '02:00:00:00:00:0a', addresses: ['10.0.0.1/24', 'fd00::1/64'] }),
        iface({ name: 'vb', mac: '02:00:00:00:00:0b', addresses: ['10.1.0.1/16'] }),
      ],
    }),
  ],
  [],
)
const MORE = ['ip addr add 10.2.0.1/16 dev va label va:1', 'ip addr add 169.254.0.9/16 dev va scope link']

function left(line: string): readonly string[] | string {
  let network = START
  for (const one of [...MORE, line]) {
    const done = applyCommand(network, 'n', one)
    if ('refused' in done) return done.refused
    network = done.network
  }
  return Object.values(network.namespaces['n']!.interfaces)
    .filter(({ name }) => name !== 'lo')
    .flatMap(({ addresses }) => addresses.map(({ local }) => local))
}

describe('ip addr flush', () => {
  it.each([
    ['dev va', ['10.1.0.1']],
    ['va', ['10.1.0.1']],
    ['dev va scope link', ['10.0.0.1', '10.2.0.1', 'fd00::1', '10.1.0.1']],
    ['dev va label va:1', ['10.0.0.1', '169.254.0.9', 'fd00::1', '10.1.0.1']],
    ['label va:*', ['10.0.0.1', '169.254.0.9', 'fd00::1', '10.1.0.1']],
    ['dev va label nope', ['10.0.0.1', '10.2.0.1', '169.254.0.9', 'fd00::1', '10.1.0.1']],
    ['to 10.0.0.0/8', ['169.254.0.9', 'fd00::1']],
    ['dev va to 10.2.0.0/16 scope link', ['10.0.0.1', '10.2.0.1', '169.254.0.9', 'fd00::1', '10.1.0.1']],
  ])('%s', (words, expected) => {
    expect([...left(`ip addr flush ${words}`)].sort()).toEqual([...expected].sort())
  })

  it('-4 and -6 take those of a family', () => {
    expect([...left('ip -4 addr flush dev va')].sort()).toEqual(['10.1.0.1', 'fd00::1'])
    expect(left('ip -6 addr flush dev va')).not.toContain('fd00::1')
  })

  it.each([
    ['', 'Flush requires arguments.'],
    ['dev nope', 'Device "nope" does not exist.'],
    ['dev va foo', 'Error: either "dev" is duplicate, or "foo" is a garbage.'],
    ['dev va scope nope', 'Error: argument "nope" is wrong: invalid "scope"\n'],
  ])('%j is refused', (words, text) => {
    expect(left(`ip addr flush ${words}`)).toBe(text)
  })
})
