import type { Route, Rule } from '../../model/index.ts'

/** Devices by their names, and who makes them. */
const DEVICES: readonly (readonly [name: RegExp, who: string])[] = [
  [/^flannel[.-]/, 'flannel'],
  [/^cni0$/, 'the bridge plugin (flannel, k3s)'],
  [/^cilium_|^lxc/, 'Cilium'],
  [/^weave$|^vethwe/, 'Weave Net'],
  [/^kube-bridge$|^tun-/, 'kube-router'],
  [/^antrea-gw0$/, 'Antrea'],
  [/^ovn0$|^ovn-k8s-/, 'OVN'],
  [/^docker0$|^br-[0-9a-f]{12}$/, 'Docker'],
  [/^virbr/, 'libvirt'],
  [/^eni/, 'the AWS VPC CNI'],
  [/^azv|^azure/, 'Azure CNI'],
  [/^tailscale/, 'Tailscale'],
  [/^(wg|tun|tap)\d/, 'a VPN'],
]

/** Routing daemons by the protocol of their routes. */
const DAEMONS: Readonly<Record<string, string>> = {
  zebra: 'FRR (zebra)',
  bgp: 'FRR (bgpd)',
  ospf: 'FRR (ospfd)',
  isis: 'FRR (isisd)',
  rip: 'FRR (ripd)',
  eigrp: 'FRR (eigrpd)',
  babel: 'babeld',
  gated: 'gated',
  dhcp: 'the DHCP client',
  ra: 'a router advertisement',
  keepalived: 'keepalived',
}

/** Priorities of policy rules, and who chose them. */
const PRIORITIES: Readonly<Record<number, string>> = {
  9: 'Cilium',
  20: 'Cilium',
  109: 'Cilium',
  512: 'the AWS VPC CNI',
  1024: 'the AWS VPC CNI',
  1536: 'the AWS VPC CNI',
  5210: 'Tailscale',
  5230: 'Tailscale',
  5250: 'Tailscale',
  5270: 'Tailscale',
}

/** Who writes such a route, where its device or protocol says so. */
export function writerOfRoute({ dev, protocol, nexthops }: Route): string | undefined {
  const devs = nexthops?.map((hop) => hop.dev) ?? [dev]
  const made = DEVICES.find(([name]) => devs.some((one) => one !== undefined && name.test(one)))
  return made?.[1] ?? DAEMONS[protocol]
}

/** Who adds such a policy rule. */
export function writerOfRule({ priority }: Rule): string | undefined {
  return PRIORITIES[priority]
}
