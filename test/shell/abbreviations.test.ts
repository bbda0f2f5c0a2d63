// iproute2 takes the beginning of a word; transcripts and shells say what is wrong with them.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { InputError, iface, namespace, networkOf, route } from '../../src/model/index.ts'
import { runTranscript, Shell } from '../../src/shell/index.ts'

const network = networkOf([
  namespace('n', {
    interfaces: [iface({ name: 'eth0', addresses: ['10.0.0.1/24', 'fd00::1/64'], mac: '02:00:00:00:00:01' })],
    routes: [route('10.9.0.0/16', { via: '10.0.0.9', dev: 'eth0' })],
  }),
])
const shell = () => new Shell(Lab.fromNetwork(network), 'n')

describe('the object of ip', () => {
  it.each([
    ['address', ['a', 'ad', 'add', 'addr', 'address']],
    ['link', ['l', 'li', 'link']],
    ['route', ['r', 'ro', 'rou', 'route']],
    ['rule', ['ru', 'rul', 'rule']],
    ['neighbour', ['n', 'ne', 'neigh', 'neighbor', 'neighbour']],
  ])('%s', (object, words) => {
    const full = shell().execute(`ip ${object}`)
    expect(full).toMatchObject({ stderr: '', exitCode: 0 })
    for (const word of words) expect([word, shell().execute(`ip ${word}`).stdout]).toEqual([word, full.stdout])
    for (const show of ['show', 'list', 'ls', 'sh', 's', 'l'])
      expect([show, shell().execute(`ip ${object} ${show}`).stdout]).toEqual([show, full.stdout])
  })
})

describe('a transcript without a command', () => {
  it('says what would be one', () => {
    const run = () => runTranscript(shell(), 'no prompt here\n')
    expect(run).toThrow(InputError)
    try {
      run()
    } catch (error) {
      expect((error as InputError).issues).toMatchObject([
        { kind: 'invalid', expected: 'at least one command behind a prompt: NODE$ COMMAND', received: 'none' },
      ])
    }
  })
})
