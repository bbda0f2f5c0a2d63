import { nodeStatus } from '../control/index.ts'
import { runsCalicoNode } from './calico-programs.ts'
import type { Host } from './host.ts'
import { failed, printed } from './result.ts'
import type { Run } from './run.ts'

/** `calico-node -felix-ready|-bird-ready|-bird6-ready|-felix-live|-bird-live`: what the probes of its pod ask. @calico node/pkg/health */
export function calicoNodeCommand(host: Host, words: readonly string[]): Run {
  const { cluster } = host.lab
  const node = cluster?.nodes.find(({ name }) => name === host.netns)
  if (cluster === null || node === undefined) return failed(`packetwalk: ${host.netns} is no node with Calico`, 127)
  const checks = words.slice(1).map((word) => word.replace(/^--?/, ''))
  const faults = checks.flatMap((check) => {
    switch (check) {
      case 'felix-ready':
      case 'felix-live': {
        const what = check === 'felix-ready' ? 'readiness' : 'liveness'
        const down = `calico/node is not ${check.slice(6)}: Felix is not ${check.slice(6)}: Get "http://localhost:9099/${what}": dial tcp 127.0.0.1:9099: connect: connection refused`
        return runsCalicoNode(host.lab, host.netns) ? [] : [down]
      }
      case 'bird-ready':
      case 'bird6-ready':
      case 'bird-live':
        return birdFaults(host, check)
      case 'v':
      case 'version':
        return []
      default:
        return [
          `packetwalk: calico-node -${check} is not known here; there are -felix-ready, -felix-live, -bird-ready, -bird-live`,
        ]
    }
  })
  if (checks.includes('show-status')) {
    const why = 'its tables of what BIRD says are not drawn'
    const hint = 'birdcl show status, birdcl show protocols, birdcl show route'
    return failed(`packetwalk: calico-node -show-status is not known here: ${why}; the same: ${hint}`, 2)
  }
  if (checks.length === 0) return failed('packetwalk: calico-node -felix-ready|-bird-ready|-felix-live|-bird-live', 2)
  if (checks.includes('v') || checks.includes('version')) {
    return printed(`${cluster.settings.version.text}\n`)
  }
  return faults.length === 0 ? printed('') : failed(faults.join('\n'))
}

function birdFaults(host: Host, check: string): string[] {
  const cluster = host.lab.birdOf(host.netns)
  const node = cluster?.nodes.find(({ name }) => name === host.netns)
  const family = check === 'bird6-ready' ? 6 : 4
  const name = family === 6 ? 'BIRDv6' : 'BIRD'
  if (cluster === null || node === undefined || cluster.settings.backend !== 'bird')
    return [
      `calico/node is not ${check.endsWith('live') ? 'live' : 'ready'}: ${name} is not ${check.endsWith('live') ? 'live' : 'ready'}: Failed to stat() nodename file: stat /var/run/calico/bird.ctl: no such file or directory`,
    ]
  if (check.endsWith('live')) return []
  const missing = nodeStatus(cluster.bgp, node, cluster.bgpFaults)
    .filter((one) => one.family === family && one.info !== 'Established')
    .map(({ peerAddress }) => peerAddress)
  return missing.length === 0
    ? []
    : [`calico/node is not ready: ${name} is not ready: BGP not established with ${missing.join(',')}`]
}
