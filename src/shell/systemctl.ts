import { InputError } from '../model/index.ts'
import type { NodeAgent } from '../timeline/index.ts'
import { runsOn } from './calico-programs.ts'
import { changeState } from './change.ts'
import type { Host } from './host.ts'
import { refusedInPod } from './machine-commands.ts'
import { failed, printed } from './result.ts'
import type { Run } from './run.ts'

/** A unit of systemd, as far as it touches the network of pods. */
interface Unit {
  readonly description: string
  /** The program whose stop and start something here depends on. */
  readonly agent?: NodeAgent
  /** What is said of it: what a stop or a restart leaves as it is, or would do. */
  readonly touches: string
  /** Command lines that a start of it amounts to. */
  readonly starts?: readonly string[]
}

const UNITS: Readonly<Record<string, Unit>> = {
  kubelet: {
    description: 'kubelet: The Kubernetes Node Agent',
    agent: 'kubelet',
    touches: 'pods that run keep their network',
  },
  containerd: {
    description: 'containerd container runtime',
    touches:
      'pods that run keep their namespaces; new ones are not made while it is down, which is not modelled: stop kubelet',
  },
  crio: {
    description: 'Container Runtime Interface for OCI (CRI-O)',
    touches:
      'pods that run keep their namespaces; new ones are not made while it is down, which is not modelled: stop kubelet',
  },
  docker: {
    description: 'Docker Application Container Engine',
    touches: 'a start sets the policy of FORWARD to DROP, and writes DOCKER chains, which are not modelled',
    starts: ['iptables -P FORWARD DROP'],
  },
  NetworkManager: {
    description: 'Network Manager',
    touches:
      'it may take cali* and tunnel devices for its own unless they are unmanaged (unmanaged-devices=interface-name:cali*;interface-name:tunl*;interface-name:vxlan.calico), and then flushes their routes: ip route flush dev tunl0 does it here',
  },
  'systemd-networkd': {
    description: 'Network Configuration',
    touches:
      'it takes routes away that it did not write, unless ManageForeignRoutes=no: ip route flush proto bird does it here; Felix and BIRD write them again',
  },
  firewalld: {
    description: 'firewalld - dynamic firewall daemon',
    touches:
      'its own nftables table is not modelled; with FirewallBackend=iptables a start flushes all tables: iptables -F does it here',
  },
  ufw: {
    description: 'Uncomplicated firewall',
    touches:
      'its chains are not modelled; with deny (routed) the policy of FORWARD is DROP: iptables -P FORWARD DROP does it here',
  },
}

const VERBS = ['start', 'stop', 'restart', 'reload', 'status', 'is-active', 'kill', 'try-restart'] as const
type Verb = (typeof VERBS)[number]

/** Verbs that write what starts with the machine. */
const BOOT_VERBS: ReadonlySet<string> = new Set(['enable', 'disable', 'reenable', 'mask', 'unmask'])

/** `systemctl start|stop|restart|status|is-active UNIT`. */
export function systemctlCommand(host: Host, words: readonly string[]): Run {
  const inPod = refusedInPod(host, 'systemctl')
  if (inPod !== undefined) return inPod
  const plain = words.slice(1).filter((word) => !/^(--no-pager|-l|--full|-q|--quiet|--now)$/.test(word))
  const option = plain.find((word) => word.startsWith('-'))
  if (option !== undefined) return failed(`packetwalk: systemctl ${option} is not known here`, 2)
  const [verb = 'list-units', ...names] = plain
  const power = POWER[verb]
  if (power !== undefined) return powerCommand(host, [power])
  if (BOOT_VERBS.has(verb)) {
    const now = verb === 'enable' || verb === 'unmask' ? 'start' : 'stop'
    const why = 'a machine that starts again starts all its units, whatever is written of them'
    return failed(`packetwalk: systemctl ${verb} is not modelled: ${why}; now: systemctl ${now} ${names.join(' ')}`, 2)
  }
  const known = VERBS.find((one) => one === verb)
  if (known === undefined)
    return failed(`packetwalk: systemctl ${verb} is not modelled; there are ${VERBS.join(', ')}, reboot, poweroff`, 2)
  const [name, ...more] = names.map((one) => one.replace(/\.service$/, ''))
  if (name === undefined || more.length > 0) return failed('Too few arguments.')
  const unit = Object.hasOwn(UNITS, name) ? UNITS[name] : undefined
  if (unit === undefined) {
    const hint = `packetwalk knows ${Object.keys(UNITS).join(', ')}${name === 'kube-proxy' ? '; kube-proxy is a pod: kubectl delete pod' : ''}`
    if (known === 'status') return failed(`Unit ${name}.service could not be found. (${hint})`, 4)
    return failed(`Failed to ${known} ${name}.service: Unit ${name}.service not found. (${hint})`, 5)
  }
  return act(host, name, unit, known)
}

function act(host: Host, name: string, unit: Unit, verb: Verb): Run {
  const { agent } = unit
  const isStopped = agent !== undefined && !runsOn(host.lab, agent, host.netns)
  switch (verb) {
    case 'is-active':
      return isStopped ? { ...failed('', 3), stdout: 'inactive\n', stderr: '' } : printed('active\n')
    case 'status': {
      const text = statusText(name, unit, isStopped)
      return isStopped ? { ...failed('', 3), stdout: text, stderr: '' } : printed(text)
    }
    case 'reload':
      return agent === undefined
        ? printed('', `packetwalk: ${name}: ${unit.touches}\n`)
        : failed(`Failed to reload ${name}.service: Job type reload is not applicable for unit ${name}.service.`)
    default:
  }
  const action = verb === 'try-restart' ? 'restart' : verb
  if (agent !== undefined) {
    if (action === 'start' && !isStopped) return printed('')
    const refused = occur(host, agent, action)
    if (refused !== undefined) return refused
  } else if (action !== 'stop' && action !== 'kill') {
    for (const line of unit.starts ?? []) {
      const run = changeState(host, line)
      if (run.exitCode !== 0) return run
    }
  }
  return printed('', `packetwalk: ${name}: ${unit.touches}\n`)
}

/** Lets it happen; a run when it is refused. */
function occur(host: Host, agent: NodeAgent, action: 'start' | 'stop' | 'restart' | 'kill'): Run | undefined {
  if (host.lab.cluster === null)
    return failed('packetwalk: there are no objects here, so nothing depends on the kubelet', 2)
  try {
    host.lab.occur({ kind: 'agent', agent, node: host.netns, action })
    return undefined
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return failed(`packetwalk: ${error.message}`, 2)
  }
}

function statusText(name: string, { description }: Unit, isStopped: boolean): string {
  const file = `/lib/systemd/system/${name}.service; enabled; preset: enabled`
  const state = isStopped ? 'inactive (dead)' : 'active (running)'
  return `${isStopped ? '○' : '●'} ${name}.service - ${description}\n     Loaded: loaded (${file})\n     Active: ${state}\n`
}

const POWER: Readonly<Record<string, string>> = {
  reboot: 'reboot',
  poweroff: 'poweroff',
  halt: 'halt',
  kexec: 'reboot',
}

/** `reboot`, `poweroff`, `halt`, `shutdown [-r|-h] [now]`. */
export function powerCommand(host: Host, words: readonly string[]): Run {
  const [tool = ''] = words
  const inPod = refusedInPod(host, tool)
  if (inPod !== undefined) return inPod
  const isKnown = host.lab.cluster?.nodes.some(({ name }) => name === host.netns) === true
  if (!isKnown) return failed(`packetwalk: ${host.netns} is no node of a cluster; only those are started again`, 2)
  const later = words.slice(1).find((word) => /^\+?\d/.test(word) && word !== '+0' && word !== '0')
  if (later !== undefined || words.includes('-c'))
    return failed(`packetwalk: ${tool} ${later ?? '-c'}: only now; sleep before it, or a timeline`, 2)
  const isForced = words.includes('-f') || words.includes('--force')
  const isReboot = tool === 'reboot' || words.includes('-r') || words.includes('--reboot')
  const action = isReboot ? 'reboot' : isForced ? 'crash' : 'shutdown'
  try {
    host.lab.occur({ kind: 'machine', node: host.netns, action })
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return failed(`packetwalk: ${error.message}`, 2)
  }
  return printed('', `packetwalk: ${host.netns}: ${isReboot ? 'starts again' : 'is off until something starts it'}\n`)
}
