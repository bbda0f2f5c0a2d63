// `npm start`: what a newcomer sees first fits one screen, and what it names exists.
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openCli } from '../cli/run.ts'
import { ROOT } from '../support/source-files.ts'

const cli = openCli()
afterAll(() => cli.close())

let screen = ''

beforeAll(() => {
  screen = execFileSync(process.execPath, ['tools/start.mjs'], { cwd: ROOT, encoding: 'utf8' })
}, 240_000)

/** What must be on it, and a line by which it is known. */
const PARTS: Readonly<Record<string, RegExp>> = {
  'the cluster': /^Calico v\S+: 2 nodes, 5 pods$/m,
  'where pods are': /^├ node01 .* pods in 192\.168\.196\.128\/26$/m,
  'the tunnel between nodes': /^between {2}IPIP/m,
  'the outer header around the packet': /^│ ┌─ outer IPv4 {2}172\.17\.0\.32 > 172\.17\.0\.40 /m,
  'the packet inside it': /^│ │ ┌─ IPv4 {2}192\.168\.49\.66 > 192\.168\.196\.131 /m,
  'the answer': /answered in 0\.\d+ ms {3}ipip, 2 routers$/m,
  'a line a hop, to the last': /^ 6 default\/\S+ +eth0 +answered by the kernel/m,
  'ways to go on': /^Next: -v reasons/m,
  'the page': /^ +in a browser: npm start -- playground --open$/m,
}

describe('npm start', () => {
  it('fits a screen of 45 lines and 100 columns', () => {
    const lines = screen.trimEnd().split('\n')
    expect(lines.length).toBeLessThanOrEqual(45)
    expect(lines.filter((line) => [...line].length > 100)).toEqual([])
  })

  it.each(Object.entries(PARTS))('shows %s', (_, line) => {
    expect(screen).toMatch(line)
  })

  it('names commands that exist', () => {
    const named = [...screen.matchAll(/npm start -- (\w+)/g)].map(([, name = '']) => name)
    expect(named).toEqual(['playground'])
    expect(cli.run(['playground', '--help']).status).toBe(0)
  })
})
