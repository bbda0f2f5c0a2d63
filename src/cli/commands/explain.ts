import { explainField } from '../../control/index.ts'
import { invalid } from '../../lab/index.ts'
import { EXIT } from '../exit.ts'

/** Says what a field does, its default, and which state of Linux it changes. */
export function explainCommand(name: string, { json }: { readonly json?: boolean }): number {
  const found = explainField(name)
  if (found === undefined) {
    throw invalid('a field of Calico, e.g. ippool.spec.ipipMode, felixconfig.vxlanMTU or FELIX_VXLANMTU', name)
  }
  if (json === true) {
    process.stdout.write(`${JSON.stringify(found, null, 2)}\n`)
    return EXIT.ok
  }
  const { field, variable, takes, usual, does, changes, here } = found
  const rows = [
    ['', variable === undefined ? field : `${field} (${variable})`],
    ['does', does],
    ['takes', takes],
    ['default', usual],
    ['changes', changes],
    ['here', here],
  ]
  const lines = rows.flatMap(([label, text]) =>
    text === undefined ? [] : [label === '' ? text : `  ${label!.padEnd(8)} ${text}`],
  )
  process.stdout.write(`${lines.join('\n')}\n`)
  return EXIT.ok
}
