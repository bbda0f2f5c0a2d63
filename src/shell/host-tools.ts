import { birdCommand } from './bird/birdcl.ts'
import { calicoNodeCommand } from './calico-node-command.ts'
import { curlCommand, ncCommand } from './connect-command.ts'
import { conntrackCommand } from './conntrack-command.ts'
import { crictlCommand } from './crictl-command.ts'
import { ethtoolCommand } from './ethtool-command.ts'
import { telnetCommand, wgetCommand } from './fetch-tools.ts'
import { ipsetCommand, iptablesCommand, iptablesRestoreCommand, iptablesSaveCommand } from './firewall.ts'
import { Host } from './host.ts'
import { bridgeCommand, ipCommand } from './ip-command.ts'
import { netnsOf } from './ip-netns.ts'
import { lsmodCommand, modprobeCommand } from './machine-commands.ts'
import { mtrCommand } from './mtr-command.ts'
import { digCommand, getentCommand, hostCommand, nslookupCommand } from './name-tools.ts'
import { arpCommand, ifconfigCommand, sysctlCommand, wgCommand } from './net-tools.ts'
import { hostnameCommand, unameCommand, whoamiCommand } from './other-tools.ts'
import { arpingCommand, tracepathCommand } from './probe-commands.ts'
import { programCommand } from './program-command.ts'
import { failed, printed, reprinted } from './result.ts'
import { routeCommand } from './route-command.ts'
import type { Run } from './run.ts'
import { netstatCommand, ssCommand } from './socket-command.ts'
import { powerCommand, systemctlCommand } from './systemctl.ts'
import type { TextTool } from './text/tool.ts'
import { TEXT_TOOLS } from './text/tools.ts'
import { dateCommand, sleepCommand, watchCommand } from './time-commands.ts'
import { whichCommand } from './which-command.ts'

/** A command that runs in a namespace: its words, and the line they are of. */
export type HostCommand = (host: Host, words: readonly string[], line: string) => Run

/** A tool for texts, run as a command. */
function textCommand(tool: TextTool): HostCommand {
  return (host, [name = '', ...args]) => textRun(name, tool(host, args))
}

/** What a tool for texts did. */
function textRun(name: string, output: ReturnType<TextTool>): Run {
  if (output === undefined) return reprinted(printed(''), unknownOptions(name), false)
  const { stdout, stderr = '', exitCode = 0 } = output
  const run = printed(stdout, stderr)
  return exitCode === 0 ? run : reprinted(run, { exitCode }, false)
}

function unknownOptions(name: string): {
  readonly stderr: string
  readonly exitCode: number
  readonly outcome: string
} {
  const outcome = `${name}: packetwalk does not know these options of it`
  return { stderr: `${outcome}\n`, exitCode: 2, outcome }
}

/** Tools that run in any namespace. */
export const TOOLS: Readonly<Record<string, HostCommand>> = {
  ip: (host, words, line) => {
    const elsewhere = netnsOf(host, words)
    if (elsewhere === undefined) return ipCommand(host, words, line)
    return 'stdout' in elsewhere ? elsewhere : runIn(host, elsewhere.netns, elsewhere.words)
  },
  bridge: bridgeCommand,
  arp: arpCommand,
  ifconfig: ifconfigCommand,
  route: routeCommand,
  sysctl: sysctlCommand,
  'iptables-save': iptablesSaveCommand,
  'ip6tables-save': iptablesSaveCommand,
  'iptables-restore': iptablesRestoreCommand,
  'ip6tables-restore': iptablesRestoreCommand,
  iptables: iptablesCommand,
  ip6tables: iptablesCommand,
  ipset: ipsetCommand,
  conntrack: conntrackCommand,
  modprobe: modprobeCommand,
  rmmod: modprobeCommand,
  lsmod: lsmodCommand,
  systemctl: systemctlCommand,
  service: (host, [, unit = '', verb = '']) => systemctlCommand(host, ['systemctl', verb, unit]),
  reboot: powerCommand,
  poweroff: powerCommand,
  halt: powerCommand,
  shutdown: powerCommand,
  wg: wgCommand,
  birdcl: birdCommand,
  birdcl6: birdCommand,
  birdc: birdCommand,
  birdc6: birdCommand,
  nc: ncCommand,
  telnet: telnetCommand,
  wget: wgetCommand,
  nslookup: nslookupCommand,
  dig: digCommand,
  host: hostCommand,
  getent: getentCommand,
  mtr: mtrCommand,
  ss: ssCommand,
  netstat: netstatCommand,
  'calico-node': calicoNodeCommand,
  uname: unameCommand,
  whoami: whoamiCommand,
  id: whoamiCommand,
  crictl: crictlCommand,
  ethtool: ethtoolCommand,
  arping: arpingCommand,
  tracepath: tracepathCommand,
  tracepath6: tracepathCommand,
  curl: curlCommand,
  ping: programCommand,
  ping6: programCommand,
  traceroute: programCommand,
  traceroute6: programCommand,
  hostname: hostnameCommand,
  sleep: sleepCommand,
  date: dateCommand,
  watch: watchCommand,
  ...Object.fromEntries(Object.entries(TEXT_TOOLS).map(([name, tool]) => [name, textCommand(tool)])),
  which: (host, words) => whichCommand(host, words, (name) => Object.hasOwn(TOOLS, name)),
  true: () => printed(''),
  false: () => reprinted(printed(''), { exitCode: 1 }, false),
}

/** A tool run in another namespace of the machine. */
function runIn(host: Host, netns: string, words: readonly string[]): Run {
  const [name = ''] = words
  const tool = Object.hasOwn(TOOLS, name) ? TOOLS[name] : undefined
  if (tool === undefined) return failed(`exec of "${name}" failed: No such file or directory`, 255)
  const inside = new Host(host.lab, netns)
  const run = tool(inside, words, words.join(' '))
  host.ran = inside.ran
  return run
}
