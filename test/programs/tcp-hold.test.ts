import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { SECOND } from '../../src/dataplane/index.ts'
import { Lab } from '../../src/lab/index.ts'
import { TcpEcho, TcpHold } from '../../src/programs/index.ts'
import { addressKey, type Ip } from '../../src/wire/index.ts'

const DEMO = readFileSync(new URL('../../examples/demo/ipip.yaml', import.meta.url), 'utf8')

describe('a connection that is held', () => {
  const held = (port = 7000) => {
    const lab = Lab.load(DEMO)
    const [from, to] = [lab.pods[0] as string, lab.pods.at(-1) as string]
    const { simulation } = lab
    const server = new TcpEcho(simulation.netns(to), 'inet', 7000)
    server.start()
    const client = new TcpHold(simulation.netns(from), {
      daddr: addressKey(lab.endpoint(to).address as Ip),
      dport: port,
      sport: 41_000,
    })
    let back = 0
    client.onBeat = (beats) => {
      back = beats
    }
    client.start()
    const run = (seconds: number): void => simulation.run(simulation.clock.now + seconds * SECOND)
    return { lab, client, server, run, beats: () => back, to }
  }

  it('gets every beat back, those from before it stood, too', () => {
    const { client, run, beats } = held()
    client.beat()
    client.beat()
    run(0.1)
    expect([client.isOpen, beats()]).toEqual([true, 2])
    client.beat()
    run(0.1)
    expect(beats()).toBe(3)
  })

  it('outlives a way that is gone for a while', () => {
    const { lab, client, run, beats, to } = held()
    client.beat()
    run(0.1)
    const { network } = lab
    lab.sh(to, 'ip link set eth0 down')
    client.beat()
    run(3)
    expect([client.isOpen, beats()]).toEqual([true, 1])
    lab.setNetwork(network)
    run(10)
    expect([client.isOpen, beats()]).toEqual([true, 2])
  })

  it('says when nobody listens', () => {
    const { client, run } = held(7001)
    run(1)
    expect([client.isOpen, client.exitCode, client.outcome]).toEqual([false, 1, 'connect error: ECONNREFUSED'])
  })

  it('ends when the other side closes', () => {
    const { client, server, run } = held()
    client.beat()
    run(0.1)
    server.exit(0)
    run(1)
    expect(client.exitCode).toBe(1)
    expect(client.outcome).toMatch(/^broken: /)
  })
})
