import type { Host } from './host.ts'
import { refusedTool } from './other-tools.ts'
import { failed, printed, reprinted } from './result.ts'
import type { Run } from './run.ts'

/** Programs that the session runs itself, on machines: where each is installed. */
const OF_SESSION: Readonly<Record<string, string>> = {
  kubectl: '/usr/local/bin',
  calicoctl: '/usr/local/bin',
  sudo: '/usr/bin',
  xargs: '/usr/bin',
  tcpdump: '/usr/bin',
  ssh: '/usr/bin',
  sh: '/usr/bin',
  bash: '/usr/bin',
}

/** Programs of an administrator. */
const SBIN =
  /^(?:arp|bridge|conntrack|ethtool|halt|ifconfig|ip|ipset|ip6?tables(?:-save|-restore)?|lsmod|modprobe|poweroff|reboot|rmmod|route|service|shutdown|sysctl)$/
const LOCAL = /^(?:crictl|calico-node)$/

/** `which PROGRAM…`: where a Debian has it; nothing, and a status, for what is not there. */
export function whichCommand(host: Host, words: readonly string[], isTool: (name: string) => boolean): Run {
  const names = words.slice(1).filter((word) => word !== '-a' && word !== '-s')
  const option = names.find((word) => word.startsWith('-'))
  if (option !== undefined) return failed(`packetwalk: which ${option} is not known here; which PROGRAM`, 2)
  const found = names.map((name) => placeOf(host, name, isTool))
  const stdout = found.map((place) => (place === undefined ? '' : `${place}\n`)).join('')
  const refused = names.map((name, i) => (found[i] === undefined ? (refusedTool(name)?.stderr ?? '') : ''))
  const isAll = names.length > 0 && !found.includes(undefined)
  return isAll ? printed(stdout) : reprinted(printed(''), { stdout, stderr: refused.join(''), exitCode: 1 }, false)
}

function placeOf({ isBusybox }: Host, name: string, isTool: (name: string) => boolean): string | undefined {
  const own = Object.hasOwn(OF_SESSION, name) ? OF_SESSION[name] : undefined
  // In a pod nobody types these; its shell is one of busybox.
  if (isBusybox && own !== undefined) return /^(?:sh|xargs)$/.test(name) ? `/bin/${name}` : undefined
  if (own !== undefined) return `${own}/${name}`
  if (!isTool(name)) return undefined
  if (isBusybox) return SBIN.test(name) ? `/sbin/${name}` : `/bin/${name}`
  return `${LOCAL.test(name) ? '/usr/local/bin' : SBIN.test(name) ? '/usr/sbin' : '/usr/bin'}/${name}`
}
