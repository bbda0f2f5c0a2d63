import { collectScript } from '../../dumps/index.ts'
import { EXIT } from '../exit.ts'

/** Prints the script that gathers a node's state; it is run there, not here. */
export function collectCommand(): number {
  process.stdout.write(collectScript())
  return EXIT.ok
}
