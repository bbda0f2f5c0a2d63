// Packets of policy cases: what the kernel does with them must be what the simulation does.
import type { PolicyCase, PolicyProbe } from '../../src/lab/index.ts'
import { connectionsOf, flowOf, preparations } from '../../src/lab/probes/flow.ts'
import { numberOf, transportOf } from '../../src/lab/probes/packet.ts'
import { PolicyProbes } from '../../src/lab/probes/probe.ts'
import { miscounted, reworded } from './counters.ts'
import { hex } from './hex.ts'
import type { RealNames } from './setup.ts'
import { type Trial, WAIT } from './trial.ts'
import type { World } from './world.ts'

/** Packets whose rules are counted; of UDP-Lite the kernel answers what nobody listens for, and a raw socket does not keep it. */
const isPlain = ({ protocol, via, state, icmpType }: PolicyProbe): boolean =>
  protocol !== 'UDPLite' && via === undefined && state === undefined && (icmpType === undefined || icmpType === 8)

/** A policy case as a trial. */
export function policyTrial(one: PolicyCase): Trial {
  const probes = new PolicyProbes(one, false)
  const { network, nodes } = probes.cluster
  const judge = async (world: World, names: RealNames): Promise<unknown[]> => {
    const families = new Set(one.probes.map((probe) => (flowOf(probes.cluster, probe).family === 'inet' ? 4 : 6)))
    const twins = { world, names, simulation: probes.simulation, nodes }
    const faults = await reworded(twins)
    const others = one.probes.filter((probe) => !isPlain(probe))
    for (const probe of one.probes.filter(isPlain)) faults.push(...(await asked(world, probes, names, probe)))
    faults.push(...(await miscounted(twins, { families: [...families] })))
    for (const probe of others) faults.push(...(await asked(world, probes, names, probe)))
    return faults
  }
  return { network, nodes, packets: one.probes.length, judge }
}

async function asked(world: World, probes: PolicyProbes, names: RealNames, probe: PolicyProbe): Promise<unknown[]> {
  const { cluster, simulation } = probes
  const arrival = probes.follow(probe)
  simulation.runUntilIdle(simulation.clock.now + 1e9)
  const flow = flowOf(cluster, probe)
  const commands = preparations(cluster, flow).map(({ netns, line }) => [names.get(netns)!, line.split(' ')] as const)
  // The kernel sums up UDP-Lite with the number of UDP when it tracks it (nf_conntrack_proto_udp.c udplite_error): it must not look.
  const checks = probe.protocol === 'UDPLite' ? cluster.nodes.map((node) => names.get(node)!) : []
  const checking = (is: number): [string, string[]][] =>
    checks.map((name) => [name, ['sh', '-c', `echo ${is} >/proc/sys/net/netfilter/nf_conntrack_checksum`]])
  const seeds = cluster.nodes.flatMap((node) =>
    (connectionsOf(cluster, flow, node) ?? []).map((entry) => [names.get(node)!, entry] as const),
  )
  const { error, arrived } = await world.probe({
    from: names.get(flow.from.netns)!,
    to: [names.get(flow.to.netns)!],
    nodes: cluster.nodes.map((node) => names.get(node)!),
    family: flow.family === 'inet' ? 4 : 6,
    protocol: numberOf(probe),
    source: flow.source,
    target: flow.target,
    payload: hex(transportOf(probe, flow.source, flow.target)),
    type: probe.icmpType ?? null,
    answers: [],
    wait: arrival === undefined ? WAIT.dropped : WAIT.arrives,
    before: [...checking(0), ...commands],
    after: [
      ...commands.map(([name, words]) => [name, words.map((word) => (word === '-I' ? '-D' : word))] as const),
      ...checking(1),
    ],
    seeds,
  })
  if (error !== undefined) return [[probe, error]]
  const isSeen = arrived !== undefined
  if (isSeen !== (arrival !== undefined)) return [[probe, { kernel: isSeen, simulation: !isSeen }]]
  if (!isSeen || arrival === undefined) return []
  const own = { source: arrival.source, head: hex(arrival.bytes.subarray(arrival.transport, arrival.transport + 4)) }
  const isSame = own.source === arrived.source && own.head === arrived.head
  return isSame ? [] : [[probe, { kernel: arrived, simulation: own }]]
}
