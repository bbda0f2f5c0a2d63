import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { InputError } from '../../src/model/index.ts'

const YAML = readFileSync(new URL('../../examples/demo/ipip.yaml', import.meta.url), 'utf8')
const [A, B] = ['default/busybox-deployment-8c7dc8548-x6ljh', 'default/busybox-deployment-8c7dc8548-btnkv']

describe('numbers that a program does not take are an InputError that names the option', () => {
  it.each<[string, (lab: Lab) => unknown, string]>([
    [
      'a port as text',
      (lab) => lab.udp(A, B, '80' as unknown as number),
      'port: expected a whole number from 1 to 65535, received "80"',
    ],
    ['port 0', (lab) => lab.tcp(A, B, 0), 'port: expected a whole number from 1 to 65535, received 0'],
    ['port NaN', (lab) => lab.tcp(A, B, Number.NaN), 'port: expected a whole number from 1 to 65535, received NaN'],
    [
      'a negative size',
      (lab) => lab.ping(A, B, { size: -1 }),
      'size: expected a whole number from 0 to 65535, received -1',
    ],
    ['TTL 300', (lab) => lab.ping(A, B, { ttl: 300 }), 'ttl: expected a whole number from 1 to 255, received 300'],
    [
      'half a hop',
      (lab) => lab.traceroute(A, B, { maxHops: 2.5 }),
      'maxHops: expected a whole number from 1 to 255, received 2.5',
    ],
    [
      'for ever',
      (lab) => lab.wait(Number.POSITIVE_INFINITY),
      'seconds: expected a number from 0 to 10000000, received Infinity',
    ],
  ])('%s', (_what, act, message) => {
    const lab = Lab.load(YAML)
    expect(() => act(lab)).toThrow(InputError)
    expect(() => act(lab)).toThrow(message)
  })
})
