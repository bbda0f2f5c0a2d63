import { applyCommand } from '../../linux/index.ts'
import { describeIssue, Network } from '../../model/index.ts'
import type { Host } from './host.ts'
import { type CommandResult, failed, printed } from './result.ts'

/** Runs a command that changes the state of a namespace: `ip route del …`, `sysctl -w …`, `iptables -A …`. */
export function changeState(host: Host, line: string): CommandResult {
  const result = applyCommand(host.lab.network, host.netns, line)
  if (!(result instanceof Network)) return failed(describeIssue(result), 2)
  host.lab.setNetwork(result)
  return printed('')
}
