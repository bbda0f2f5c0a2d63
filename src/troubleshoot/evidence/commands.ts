import { parseIp } from '../../wire/index.ts'

/** The last word of a command that is an address. */
export function targetOf(command: string): string {
  return [...command.split(/\s+/)].reverse().find((word) => parseIp(word) !== undefined) ?? ''
}

/** `kubectl exec -n shop web-0 -- ping 10.1.2.3`: typed in the pod. */
const EXEC = /^(?:kubectl|oc)\s+(?<before>.*?\bexec\s.*?)\s--\s+(?<command>\S.*)$/
/** `ssh node01 'ip route'`. */
const SSH = /^ssh\s+(?:-\S+\s+)*(?:[\w.-]+@)?(?<host>[\w.-]+)\s+(?<quote>['"]?)(?<command>.+?)\k<quote>$/
/** Options of `kubectl exec` that have a value behind a space. */
const VALUED: ReadonlySet<string> = new Set(['-n', '--namespace', '-c', '--container', '--context', '--kubeconfig'])

/** A command as it runs, and where: without sudo, inside `kubectl exec` and `ssh`. */
export function commandIn(typed: string, host: string): { readonly host: string; readonly command: string } {
  const command = typed.replace(/^sudo\s+(?:-\S+\s+)*/, '').trim()
  const far = SSH.exec(command)?.groups
  if (far !== undefined) return commandIn(far['command'] ?? '', far['host'] ?? host)
  const inside = EXEC.exec(command)?.groups
  if (inside === undefined) return { host, command }
  const words = (inside['before'] ?? '').split(/\s+/)
  const namespace = words.find((_, i) => /^(?:-n|--namespace)$/.test(words[i - 1] ?? ''))
  const given = words.find((word) => word.startsWith('--namespace='))?.split('=')[1]
  const isName = (word: string, i: number): boolean =>
    !word.startsWith('-') && word !== 'exec' && !VALUED.has(words[i - 1] ?? '')
  const pod = words.filter(isName).at(-1)
  const name = (pod ?? '').replace(/^pods?\//, '')
  return { host: `${namespace ?? given ?? 'default'}/${name}`, command: inside['command'] ?? '' }
}
