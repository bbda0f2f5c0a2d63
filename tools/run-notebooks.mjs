// Checks the types of every examples/notebooks/*.ipynb, then runs it under a real Jupyter kernel (Deno) and
// compares its outputs with the stored ones.
// usage: npm run notebooks [-- --update]; exit 3 when Debian's nbclient is not installed.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { ensureBuilt, ensureInstalled, must, nodeScript, root } from './setup.mjs'

const PYTHON = '/usr/bin/python3'
const PACKAGES = 'jupyter-nbconvert jupyter-client python3-nbclient python3-nbformat'
const folder = join(root, 'examples/notebooks')
const scratch = join(root, '.packetwalk/notebooks')

/** The code cells of a notebook as one module. */
function codeOf(file) {
  const { cells } = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  const code = cells.filter((cell) => cell.cell_type === 'code').map((cell) => [cell.source].flat().join(''))
  return `${code.join('\n;\n')}\nexport {}\n`
}

function checkTypes(files) {
  rmSync(scratch, { recursive: true, force: true })
  mkdirSync(scratch, { recursive: true })
  for (const file of files) writeFileSync(join(scratch, `${basename(file, '.ipynb')}.ts`), codeOf(file))
  const config = {
    extends: '../../tsconfig.test.json',
    compilerOptions: { lib: ['ES2022', 'DOM'], rootDir: '../..', noUnusedLocals: false, noUnusedParameters: false },
    include: ['*.ts'],
  }
  writeFileSync(join(scratch, 'tsconfig.json'), JSON.stringify(config))
  nodeScript('node_modules/typescript/bin/tsc', ['-p', join(scratch, 'tsconfig.json')])
}

ensureInstalled()
ensureBuilt()
const files = readdirSync(folder).filter((name) => name.endsWith('.ipynb'))
checkTypes(files)
if (spawnSync(PYTHON, ['-c', 'import nbclient, nbformat, jupyter_client']).status !== 0) {
  process.stderr.write(`notebooks need Debian's ${PACKAGES}\n`)
  process.exit(3)
}
must(PYTHON, ['tools/run-notebooks.py', ...process.argv.slice(2), folder])
