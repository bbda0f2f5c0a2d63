// The verb `ports`: what the conversion of policies joins, and what one multiport of iptables takes.
import { describe, expect, it } from 'vitest'
import { answerCalico } from '../../src/calico/index.ts'

type Port = number | string
const ask = (ports: readonly unknown[]): object => answerCalico({ verb: 'ports', ports })
const from = (first: number, count: number, step = 2): number[] =>
  Array.from({ length: count }, (_, i) => first + step * i)

describe('ports are joined', () => {
  it.each<[what: string, ports: Port[], merged: Port[]]>([
    ['none', [], []],
    ['one', [7000], [7000]],
    ['the least and the last', [0, 65535], [0, 65535]],
    ['all of them', ['0:65535'], ['0:65535']],
    ['neighbours', [7001, 7000], ['7000:7001']],
    ['neighbours and another', [9, 7, 8, 11], ['7:9', 11]],
    ['the same twice', [7000, 7000], [7000]],
    ['ranges that touch, lie in each other, and stand alone', ['20:30', '31:40', '22:23', '50:60'], ['20:40', '50:60']],
    ['names first, in their order', [8081, 'web', 8080, 'dns', 'web'], ['web', 'dns', 'web', '8080:8081']],
    ['a single number stays where it is', [8080, 'web'], [8080, 'web']],
    ['and so does a name', ['web', 8080], ['web', 8080]],
    ['a number in text', ['80', '81'], ['80:81']],
    ['a range of one port', ['80:80'], [80]],
    ['a name that begins with a digit', ['8080-tcp', '80:443'], ['8080-tcp', '80:443']],
  ])('%s', (_what, ports, merged) => {
    expect(ask(ports)).toMatchObject({ result: { merged } })
  })
})

/** [felix-iptables.md §7]: 15 places, a range takes two. */
describe('ports are cut for multiport', () => {
  it.each<[what: string, ports: Port[], lengths: number[]]>([
    ['none', [], []],
    ['15 numbers', from(1, 15), [15]],
    ['16 numbers', from(1, 16), [15, 1]],
    ['31 numbers', from(1, 31), [15, 15, 1]],
    ['seven ranges and a number', ['1:2', '3:4', '5:6', '7:8', '9:10', '11:12', '13:14', 15], [8]],
    ['eight ranges', ['1:2', '3:4', '5:6', '7:8', '9:10', '11:12', '13:14', '15:16'], [7, 1]],
    ['a range for which one place is left', [...from(1, 14), '100:200', 300], [14, 2]],
    ['a range of one port takes one place', [...from(1, 14), '100:100'], [15]],
  ])('%s', (_what, ports, lengths) => {
    const answer = ask(ports) as { result: { groups: Port[][] } }
    expect(answer.result.groups.map((group) => group.length)).toEqual(lengths)
    expect(answer.result.groups.flat()).toEqual(ports)
  })
})

describe('what is no port is a fault of the request', () => {
  it.each([[[-1]], [[65536]], [['9:8']], [['1:65536']], [['']], [['a b']], [[1.5]], [[{}]]])('%j', (ports) => {
    expect(ask(ports)).toHaveProperty('error')
  })
})
