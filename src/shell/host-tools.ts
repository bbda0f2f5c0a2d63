import { birdCommand } from './bird/birdcl.ts'
import { changeState } from './change.ts'
import { curlCommand, ncCommand } from './connect-command.ts'
import { conntrackCommand, ipsetCommand, iptablesCommand, iptablesSaveCommand } from './firewall.ts'
import type { Host } from './host.ts'
import { bridgeCommand, ipCommand } from './ip-command.ts'
import { arpCommand, catCommand, ifconfigCommand, routeCommand, sysctlCommand, wgCommand } from './net-tools.ts'
import { programCommand } from './program-command.ts'
import { printed } from './result.ts'
import type { Run } from './run.ts'

/** A tool: where it runs, its words, and the line as it was typed. */
type HostCommand = (host: Host, words: readonly string[], line: string) => Run

/** Tools that run in any namespace. */
export const TOOLS: Readonly<Record<string, HostCommand>> = {
  ip: ipCommand,
  bridge: bridgeCommand,
  arp: arpCommand,
  ifconfig: ifconfigCommand,
  route: routeCommand,
  cat: catCommand,
  sysctl: sysctlCommand,
  'iptables-save': iptablesSaveCommand,
  'ip6tables-save': iptablesSaveCommand,
  echo: (host, _words, line) => changeState(host, line),
  iptables: iptablesCommand,
  ip6tables: iptablesCommand,
  ipset: ipsetCommand,
  conntrack: conntrackCommand,
  wg: wgCommand,
  birdcl: birdCommand,
  birdcl6: birdCommand,
  birdc: birdCommand,
  birdc6: birdCommand,
  nc: ncCommand,
  curl: curlCommand,
  ping: programCommand,
  ping6: programCommand,
  traceroute: programCommand,
  traceroute6: programCommand,
  hostname: (host) => printed(`${host.netns.split('/').at(-1)}\n`),
}
