// Checks that every examples/notebooks/*.ipynb is what its text in examples/notebooks/text says, checks the types of
// its cells, runs it under a real Jupyter kernel (Deno) and compares its outputs with the stored ones.
// usage: npm run notebooks [-- [--update] [--html] [NAME …]]; --update writes the notebooks from their texts, with what
// they print now; --html renders them into .packetwalk/notebooks/html; NAME is the beginning of a name, e.g. 03.
// Exit 3 when Debian's nbclient is not installed.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { notebookOf, written } from './notebook-cells.mjs'
import { ensureBuilt, ensureInstalled, root } from './setup.mjs'

const PYTHON = '/usr/bin/python3'
const PACKAGES = 'jupyter-nbconvert jupyter-client python3-nbclient python3-nbformat'
const folder = join(root, 'examples/notebooks')
const scratch = join(root, '.packetwalk/notebooks')

const words = process.argv.slice(2)
const update = words.includes('--update')
const html = words.includes('--html')
const wanted = words.filter((word) => !word.startsWith('-'))

const texts = readdirSync(join(folder, 'text')).filter((name) => name.endsWith('.md'))
const names = texts.map((name) => name.slice(0, -'.md'.length)).sort()
const chosen = names.filter((name) => wanted.length === 0 || wanted.some((word) => name.startsWith(word)))

const pathOf = (name) => join(folder, `${name}.ipynb`)

function made(name) {
  try {
    return notebookOf(readFileSync(join(folder, 'text', `${name}.md`), 'utf8'))
  } catch (error) {
    throw new Error(`examples/notebooks/text/${name}.md: ${error.message}`)
  }
}

/** What keeps the stored notebooks from being those of the texts. */
function strayed() {
  const stored = readdirSync(folder).filter((name) => name.endsWith('.ipynb'))
  const without = stored.filter((file) => !names.includes(file.slice(0, -'.ipynb'.length)))
  const faults = without.map((file) => `${file} has no text in examples/notebooks/text`)
  for (const name of chosen) {
    const cells = existsSync(pathOf(name)) ? JSON.parse(readFileSync(pathOf(name), 'utf8')).cells : []
    if (!isDeepStrictEqual(cells.map(written), made(name).cells.map(written)))
      faults.push(`${name}.ipynb is not what text/${name}.md says: change the text, then npm run notebooks -- --update`)
  }
  return faults
}

/** The code of all notebooks as modules against the built package, and what the compiler says of them. */
async function checkTypes() {
  rmSync(scratch, { recursive: true, force: true })
  mkdirSync(scratch, { recursive: true })
  for (const name of chosen) {
    const code = made(name)
      .cells.filter((cell) => cell.cell_type === 'code')
      .map((cell) => cell.source)
    writeFileSync(join(scratch, `${name}.ts`), `${code.join('\n;\n')}\nexport {}\n`)
  }
  // Without `paths` the names lead to dist, as they do for a reader: the sources need not be checked again.
  const compilerOptions = { lib: ['ES2022', 'DOM'], rootDir: '../..', paths: {} }
  const loose = { noUnusedLocals: false, noUnusedParameters: false }
  const config = {
    extends: '../../tsconfig.test.json',
    compilerOptions: { ...compilerOptions, ...loose },
    include: ['*.ts'],
  }
  writeFileSync(join(scratch, 'tsconfig.json'), JSON.stringify(config))
  return ran(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', scratch])
}

/** Runs a program beside others. @returns its exit code */
function ran(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit' })
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}

/** The notebooks as pages of HTML. */
function rendered() {
  const out = join(scratch, 'html')
  const templates = [
    '--template=packetwalk',
    `--TemplateExporter.extra_template_basedirs=${join(root, 'tools/nbconvert')}`,
  ]
  const args = ['--to', 'html', '--log-level', 'WARN', ...templates, '--output-dir', out, ...chosen.map(pathOf)]
  return ran(PYTHON, ['-m', 'nbconvert', ...args])
}

ensureInstalled()
ensureBuilt()
if (update) for (const name of chosen) writeFileSync(pathOf(name), JSON.stringify(made(name)))
const faults = strayed()
for (const fault of faults) process.stderr.write(`${fault}\n`)
const types = checkTypes()
if (spawnSync(PYTHON, ['-c', 'import nbclient, nbformat, jupyter_client']).status !== 0) {
  process.stderr.write(`notebooks need Debian's ${PACKAGES}\n`)
  process.exit((await types) === 0 && faults.length === 0 ? 3 : 1)
}
const flags = update ? ['--update'] : []
const codes = await Promise.all([types, ran(PYTHON, ['tools/run-notebooks.py', ...flags, ...chosen.map(pathOf)])])
if (html) codes.push(await rendered())
process.exit(codes.some((code) => code !== 0) || faults.length > 0 ? 1 : 0)
