// Dumps of simulated machines, as `packetwalk collect` would gather them there.
import type { Lab } from '../../src/lab/index.ts'
import { printNamespaceDump } from '../../src/linux/index.ts'
import { encodeUtf8 } from '../../src/wire/index.ts'

/** Files that a tool with nothing to say leaves empty. */
const EMPTY: Readonly<Record<string, string>> = {
  'neigh.json': '[]',
  'fdb.json': '[]',
  'rule6.json': '[]',
  'iptables.txt': '',
  'ip6tables.txt': '',
  'ipset.txt': '',
}

/**
 * A folder of files for each of some namespaces.
 * @param folder - name of the folder a namespace is gathered in
 * @param rewrite - changes what a file says: gets its text, and `NAMESPACE/FILE`
 */
export function simulatedDumps(
  lab: Pick<Lab, 'network'>,
  names: readonly string[],
  rewrite: (text: string, path: string) => string = (text) => text,
  folder: (name: string) => string = (name) => name,
): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {}
  for (const name of names) {
    const ns = lab.network.namespaces[name]!
    const printed = { ...EMPTY, ...printNamespaceDump(lab.network, ns) }
    for (const [file, content] of Object.entries(printed)) {
      const text = typeof content === 'string' ? content : JSON.stringify(content)
      files[`${folder(name)}/${file}`] = encodeUtf8(rewrite(text, `${name}/${file}`))
    }
  }
  return files
}
