import { isLoaded, MODULES } from '../commands/index.ts'
import { changeState } from './change.ts'
import type { Host } from './host.ts'
import { failed, printed } from './result.ts'
import type { Run } from './run.ts'

/** Why a tool of the machine does nothing in a pod; undefined on a machine. */
export function refusedInPod(host: Host, tool: string): Run | undefined {
  return host.isBusybox
    ? failed(`${tool}: packetwalk: this is a tool of the machine, not of a pod: ssh NODE first`, 127)
    : undefined
}

/** `modprobe [-r] MODULE…`, `rmmod MODULE…`. */
export function modprobeCommand(host: Host, words: readonly string[], line: string): Run {
  const inPod = refusedInPod(host, words[0] ?? '')
  if (inPod !== undefined) return inPod
  return changeState(host, line)
}

/** `lsmod`: modules that something here depends on; their sizes are those of a Debian 12. */
export function lsmodCommand(host: Host): Run {
  const inPod = refusedInPod(host, 'lsmod')
  if (inPod !== undefined) return inPod
  const loaded = Object.keys(MODULES).filter((name) => isLoaded(host.model, name))
  const lines = loaded.map((name) => {
    const { size = 0, usedBy = [] } = MODULES[name] ?? {}
    const users = usedBy.filter((one) => !Object.hasOwn(MODULES, one) || loaded.includes(one))
    return `${name.padEnd(20)} ${String(size).padStart(8)}  ${users.length}${users.length === 0 ? '' : ` ${users.join(',')}`}\n`
  })
  return printed(`Module                  Size  Used by\n${lines.join('')}`)
}
