import { nameServer } from '../resolve-name.ts'
import type { HostFiles } from './host-file.ts'

/** What the system and the kubelet write: the own name, names by hand, and whom a pod asks for others. */
export const systemFiles: HostFiles = (desk, netns) => {
  const name = netns.split('/').at(-1) ?? netns
  const model = desk.network.namespaces[netns]
  const addresses = Object.values(model?.interfaces ?? {})
    .filter((link) => link.kind !== 'loopback' && link.kind !== 'ipip' && link.kind !== 'vxlan')
    .flatMap((link) => link.addresses.filter(({ scope }) => scope === 'global').map(({ local }) => local))
  const own = addresses.slice(0, 1).map((address) => `${address}\t${name}\n`)
  const hosts = `127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n${own.join('')}`
  const files = new Map([
    ['/etc/hostname', { text: () => `${name}\n` }],
    ['/etc/hosts', { text: () => hosts }],
  ])
  const server = model?.role === 'pod' ? nameServer(desk.cluster) : undefined
  const [namespace = 'default'] = netns.split('/')
  const search = `search ${namespace}.svc.cluster.local svc.cluster.local cluster.local`
  if (server !== undefined)
    files.set('/etc/resolv.conf', { text: () => `${search}\nnameserver ${server}\noptions ndots:5\n` })
  return files
}
