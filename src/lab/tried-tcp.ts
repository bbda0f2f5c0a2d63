import { Recorder, Simulation } from '../dataplane/index.ts'
import { type Facts, judged } from '../diagnose/index.ts'
import type { Finding, Network } from '../model/index.ts'
import { familyOfAddress, TcpConnect, TcpServer } from '../programs/index.ts'
import { readTrace } from '../trace/index.ts'
import { addressKey } from '../wire/index.ts'
import { execute } from './execute.ts'

/** Seconds a session is given: long enough for a neighbour to be asked for in vain. */
const PATIENCE = 4

/**
 * Tries TCP connections between machines of a network, each in a simulation of its own: nothing of it is left. What is found
 * is the first cause of the failure.
 */
export function triedTcp(network: Network, facts: Facts): NonNullable<Facts['triedTcp']> {
  return (from, to, port): Finding | undefined => {
    const recorder = new Recorder()
    const simulation = new Simulation(network, { recorder })
    const daddr = addressKey(to.address)
    const server = new TcpServer(simulation.netns(to.netns), {
      family: familyOfAddress(daddr),
      port,
      request: 0,
      reply: 0,
    })
    server.start()
    const asked = { daddr, dport: port, saddr: addressKey(from.address), sport: 0, request: 0, reply: 0 }
    execute(new TcpConnect(simulation.netns(from.netns), { ...asked, timeout: PATIENCE }), simulation, recorder)
    return judged(readTrace(recorder, network, { from: from.netns }), facts).findings[0]
  }
}
