import type { Issue } from '../model/index.ts'
import { baseOf, type MachineFile } from './machines.ts'

/** Files nobody knows that are named one by one; of more, this many names stand for all. */
const MOST_NAMED = 10

/** Files nobody knows: one by one, or of many how many they are, with the folder they have in common. */
export function strangersOf(files: readonly MachineFile[]): Issue[] {
  const expected = 'a file of a dump (link, addr, route, rule, neigh, fdb, sysctl, iptables, …)'
  const issue = (file: string, received: string): Issue => ({ kind: 'unsupported', file, path: [], expected, received })
  if (files.length <= MOST_NAMED) return files.map(({ path }) => issue(path, baseOf(path)))
  const names = files.slice(0, MOST_NAMED).map(({ path }) => baseOf(path))
  return [issue(commonFolder(files), `${files.length} other files: ${names.join(', ')}, …`)]
}

function commonFolder(files: readonly MachineFile[]): string {
  const [first = [], ...others] = files.map(({ path }) => path.split('/').slice(0, -1))
  const end = first.findIndex((folder, i) => others.some((other) => other[i] !== folder))
  return (end < 0 ? first : first.slice(0, end)).join('/')
}
