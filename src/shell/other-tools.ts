import type { Host } from './host.ts'
import { failed, printed } from './result.ts'
import type { Run } from './run.ts'

/** Tools that people reach for and that are not here: why, and what does it here. */
const REFUSED: Readonly<Record<string, string>> = {
  nft: 'native nftables rules are not modelled; what iptables wrote: iptables-save',
  ipvsadm: 'kube-proxy in the mode ipvs is not modelled; its iptables rules: iptables -t nat -L KUBE-SERVICES -n',
  nmap: 'ports are tried one by one: nc -zv HOST PORT',
  tc: 'queueing disciplines and filters are not modelled; counters: ip -s link',
  journalctl: 'programs here write no logs; what happened to the cluster is told by packetwalk run',
  dmesg: 'the kernel here writes no log; why a packet was dropped: why',
  top: 'processes use no time here',
  htop: 'processes use no time here',
  ps: 'processes are not modelled; who listens: ss -tulnp; what runs: systemctl status UNIT, birdcl show status',
  strace: 'system calls are not modelled',
  iperf3: 'throughput is not modelled; a transfer byte by byte: lab.tcp(…, { reply })',
  arptables: 'rules of arptables are not modelled',
  ebtables: 'rules of ebtables are not modelled',
  bpftool: 'eBPF is not modelled',
  docker: 'of the container runtime crictl ps, pods and inspectp are here',
  ctr: 'of the container runtime crictl ps, pods and inspectp are here',
  nerdctl: 'of the container runtime crictl ps, pods and inspectp are here',
  nmcli: 'NetworkManager is not modelled; what a restart may do: systemctl restart NetworkManager',
  networkctl: 'systemd-networkd is not modelled: ip addr, ip route',
  'firewall-cmd': 'firewalld is not modelled: iptables -S',
  ufw: 'ufw is not modelled: iptables -S',
  brctl: 'bridge link show, bridge fdb show',
}

/** What is said of a tool that is not here; undefined for one nobody knows. */
export function refusedTool(name: string): Run | undefined {
  const why = Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined
  return why === undefined ? undefined : failed(`packetwalk: ${name}: ${why}`, 127)
}

/** `uname [-a|-r|-n|-s|-m]`: the kernel whose rules are followed here. */
export function unameCommand(host: Host, words: readonly string[]): Run {
  const name = host.netns.split('/').at(-1) ?? ''
  const parts: Readonly<Record<string, string>> = {
    s: 'Linux',
    n: name,
    r: '6.1.0',
    v: '#1 SMP',
    m: 'x86_64',
    o: 'GNU/Linux',
  }
  const letters = words.slice(1).flatMap((word) => [...word.replace(/^-+/, '')])
  const wrong = letters.find((letter) => letter !== 'a' && parts[letter] === undefined)
  if (wrong !== undefined) return failed(`uname: invalid option -- '${wrong}'`)
  const asked = letters.length === 0 ? ['s'] : letters.includes('a') ? Object.keys(parts) : letters
  const order = Object.keys(parts).filter((letter) => asked.includes(letter))
  return printed(`${order.map((letter) => parts[letter]).join(' ')}\n`)
}

/** `whoami`, `id`: everybody is root here. */
export function whoamiCommand(_host: Host, words: readonly string[]): Run {
  return printed(words[0] === 'id' ? 'uid=0(root) gid=0(root) groups=0(root)\n' : 'root\n')
}

/** `hostname [-s|-f|-i|-I]`: the name of a host, or its addresses. */
export function hostnameCommand(host: Host, words: readonly string[]): Run {
  const [option, ...more] = words.slice(1)
  const name = host.netns.split('/').at(-1) ?? ''
  if (option === undefined || /^(?:-s|-f|--short|--fqdn|--long)$/.test(option)) return printed(`${name}\n`)
  const links = Object.values(host.model.interfaces).filter(({ name: link }) => link !== 'lo')
  const all = links.flatMap(({ addresses }) => addresses.map(({ local }) => local))
  const own = all.filter((address) => !address.startsWith('fe80:'))
  if (option === '-I' || option === '--all-ip-addresses') return printed(`${own.map((one) => `${one} `).join('')}\n`)
  if (option === '-i' || option === '--ip-address') return printed(`${own[0] ?? '127.0.0.1'}\n`)
  return failed(`packetwalk: hostname ${[option, ...more].join(' ')} is not known here; there are -s -f -i -I`, 1)
}
