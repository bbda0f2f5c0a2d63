import { SYSCTL_DEFAULTS, type Sysctls } from '../../model/index.ts'

/** A group of per-interface sysctls. */
export type ConfGroup = 'net.ipv4.conf' | 'net.ipv4.neigh' | 'net.ipv6.conf' | 'net.ipv6.neigh'

const GROUPS: readonly ConfGroup[] = ['net.ipv4.conf', 'net.ipv4.neigh', 'net.ipv6.conf', 'net.ipv6.neigh']

const NONE: ReadonlyMap<string, string> = new Map()

/** The per-interface values of a namespace's sysctls, taken apart once: group, interface, name. */
export class SysctlIndex {
  private readonly values: Sysctls
  private readonly groups = new Map<ConfGroup, Map<string, Map<string, string>>>()

  constructor(values: Sysctls) {
    this.values = values
    for (const [key, value] of Object.entries(values)) this.take(key, value)
  }

  private take(key: string, value: string): void {
    const group = GROUPS.find((name) => key.startsWith(name) && key[name.length] === '.')
    if (group === undefined) return
    const dot = key.lastIndexOf('.')
    if (dot <= group.length) return
    const dev = key.slice(group.length + 1, dot).replaceAll('/', '.')
    let devs = this.groups.get(group)
    if (devs === undefined) {
      devs = new Map()
      this.groups.set(group, devs)
    }
    let names = devs.get(dev)
    if (names === undefined) {
      names = new Map()
      devs.set(dev, names)
    }
    names.set(key.slice(dot + 1), value)
  }

  /** What is set for an interface itself; interfaces without own values share one empty map. */
  own(group: ConfGroup, dev: string): ReadonlyMap<string, string> {
    return this.groups.get(group)?.get(dev) ?? NONE
  }

  /** The value for an interface: its own, else `default`, else the kernel's default; 0 when there is none. */
  number(group: ConfGroup, dev: string, name: string): number {
    const own = this.own(group, dev).get(name)
    if (own !== undefined) return Number(own)
    if (dev !== 'all') {
      const fallback = this.own(group, 'default').get(name)
      if (fallback !== undefined) return Number(fallback)
    }
    return Number(SYSCTL_DEFAULTS[`${group}.${name}`] ?? 0)
  }

  /** The value of a sysctl that is not per interface. */
  text(key: string): string {
    return this.values[key] ?? SYSCTL_DEFAULTS[key] ?? '0'
  }

  /** {@link SysctlIndex.text} as a number. */
  global(key: string): number {
    return Number(this.text(key))
  }

  /** Whether the namespace says anything about this sysctl. */
  has(key: string): boolean {
    return this.values[key] !== undefined
  }
}
