// Completion as people have it: in real shells, driven through a terminal. The line that Tab made is what the command is started with.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demo, openCli } from './run.ts'

const cli = openCli()
afterAll(() => cli.close())

/** The lines: what is typed before Tab, and what stands there when Enter is pressed. */
const LINES: readonly (readonly [typed: string, done: string])[] = [
  ['tra', 'trace'],
  ['show ipt', 'show iptables'],
  ['trace --outp', 'trace --output'],
  ['trace -o merm', 'trace -o mermaid'],
  ['trace -f only-clu', 'trace -f only-cluster.yaml'],
  [
    'trace -f only-cluster.yaml --from default/busybox-deployment-8c7dc8548-x',
    'trace -f only-cluster.yaml --from default/busybox-deployment-8c7dc8548-x6ljh',
  ],
  ['trace -f only-cluster.yaml -D node/n', 'trace -f only-cluster.yaml -D node/node01'],
  ['show route --file only-cluster.yaml --node contr', 'show route --file only-cluster.yaml --node controlplane'],
  ['trace -f only-cluster.yaml -n kube', 'trace -f only-cluster.yaml -n kube-system'],
  ['trace -f $(touch ran) --from x', 'trace -f --from x'],
]

interface Interactive {
  readonly name: string
  readonly program: string
  readonly start: string
  /** Typed before anything else. */
  readonly setup: readonly string[]
}

const PLAIN_BASH: Interactive = {
  name: 'bash without bash-completion',
  program: 'bash',
  start: 'bash --norc --noprofile -i',
  setup: ['source <(packetwalk completion bash)'],
}
const SHELLS: readonly Interactive[] = [
  PLAIN_BASH,
  {
    ...PLAIN_BASH,
    name: 'bash with bash-completion',
    setup: ['source /usr/share/bash-completion/bash_completion', ...PLAIN_BASH.setup],
  },
  {
    name: 'zsh',
    program: 'zsh',
    start: 'zsh -f -i',
    setup: ['autoload -Uz compinit && compinit -u -D', 'source <(packetwalk completion zsh)'],
  },
  { name: 'fish', program: 'fish', start: 'fish --no-config -i', setup: ['packetwalk completion fish | source'] },
]

/** A program of expect: types a line, waits until completion has asked and a little longer, presses Enter. */
function script(shell: Interactive): string {
  const word = (text: string): string => `{${text}}`
  return `
log_user 0
set timeout 60
proc lines {file} { if {![file exists $file]} { return 0 }; set f [open $file]; set n [llength [split [string trim [read $f]] "\\n"]]; close $f; return $n }
proc until {file n} { for {set i 0} {$i < 600 && [lines $file] < $n} {incr i} { after 50 } }
proc settle {} { after 300; expect -timeout 0 -re .+ { exp_continue } eof {} timeout {} }
spawn -noecho env TERM=xterm HOME=${cli.folder} PATH=${cli.folder}/bin:$env(PATH) ${shell.start}
settle
send ${word(`cd ${cli.folder}`)}; send "\\r"; settle
${shell.setup.map((line) => `send ${word(line)}; send "\\r"; settle`).join('\n')}
send "packetwalk ready\\r"; until started.txt 1
set n 1
foreach line {${LINES.map(([typed]) => word(typed)).join(' ')}} {
  set asked [lines asked.txt]
  send "packetwalk "; send -- $line; send "\\t"
  until asked.txt [expr $asked + 1]; settle
  send "\\r"; incr n; until started.txt $n; settle
}
send "exit\\r"
expect eof
`
}

beforeAll(() => {
  writeFileSync(join(cli.folder, 'only-cluster.yaml'), readFileSync(demo('ipip.yaml')))
  const { program } = cli
  cli.write(
    'bin/packetwalk',
    `#!/bin/sh
cd ${cli.folder}
case $1 in
  complete) ${process.execPath} ${program} "$@"; echo asked >>asked.txt ;;
  completion) exec ${process.execPath} ${program} "$@" ;;
  *) echo "$*" >>started.txt ;;
esac
`,
  )
  chmodSync(join(cli.folder, 'bin/packetwalk'), 0o755)
})

const installed = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0

describe('in a real shell', () => {
  it.each(SHELLS)('$name', { timeout: 240_000 }, (shell) => {
    const missing = ['expect', shell.program].filter((program) => !installed(program))
    if (shell.name.includes('with bash') && !existsSync('/usr/share/bash-completion/bash_completion'))
      missing.push('bash-completion')
    if (missing.length > 0) {
      process.stderr.write(`completion in ${shell.name} is not tried: ${missing.join(', ')} not installed\n`)
      return
    }
    for (const file of ['started.txt', 'asked.txt', 'ran']) spawnSync('rm', ['-f', join(cli.folder, file)])
    cli.write('drive.exp', script(shell))
    const { stderr } = spawnSync('expect', ['drive.exp'], { cwd: cli.folder, timeout: 200_000, encoding: 'utf8' })
    const started = existsSync(join(cli.folder, 'started.txt'))
      ? readFileSync(join(cli.folder, 'started.txt'), 'utf8')
      : ''
    expect([
      stderr,
      started
        .trimEnd()
        .split('\n')
        .map((line) => line.trim()),
    ]).toEqual(['', ['ready', ...LINES.map(([, done]) => done)]])
  })
})

describe('what shells are told', () => {
  const told = (...words: string[]): string[] =>
    cli
      .run(['complete', '--', ...words])
      .stdout.split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t')[0] as string)

  it.each([
    [
      [''],
      [
        'trace',
        'policy',
        'show',
        'bgp',
        'run',
        'test',
        'reach',
        'merge',
        'mtu',
        'topology',
        'diagnose',
        'inject',
        'explain-capture',
        'shell',
        'playground',
        'diff',
        'drift',
        'cni',
        'collect',
        'replay',
        'conformance',
        'validate',
        'explain',
        'lint',
        'calico',
        'ipam',
        'teach',
        'completion',
      ],
    ],
    [['trace', '--write', ''], [':files']],
    [['trace', '--output=sv'], ['--output=svg']],
    [['trace', '--output', '=', 'sv'], ['svg']],
    [['trace', '--ttl', ''], []],
    [['nope', ''], []],
    [['trace', '-f', 'nope.yaml', '--from', ''], []],
    [['replay', ''], [':files']],
    [['completion', 'z'], ['zsh']],
    [['shell', '--transcript', ''], [':files']],
    [
      ['shell', '--delays', ''],
      ['instant', 'calico'],
    ],
    [['trace', '-D', ''], []],
    [
      ['show', 'r'],
      ['route', 'rule'],
    ],
    [['show', '--j'], ['--json']],
    [['trace', '--nope=x'], []],
    [
      ['trace', '-f', demo('ipip.yaml'), '--from=default/busybox-deployment-8c7dc8548-x'],
      ['--from=default/busybox-deployment-8c7dc8548-x6ljh'],
    ],
    [
      ['trace', '--file', demo('ipip.yaml'), '--to', 'node/'],
      ['node/controlplane', 'node/node01'],
    ],
    [
      ['show', '-f', demo('ipip.yaml'), '--node', ''],
      ['controlplane', 'node01'],
    ],
    [['show', '-f', demo('ipip.yaml'), '--pod', 'node'], []],
    [
      ['trace', '-f', demo('ipip.yaml'), '-n', ''],
      ['kube-system', 'default'],
    ],
    [
      ['show', '-f', demo('ipip.yaml'), '--pod', "'default/busybox-deployment-8c7dc8548-x"],
      ['default/busybox-deployment-8c7dc8548-x6ljh'],
    ],
  ])('%j', (words, expected) => {
    expect(told(...words)).toEqual(expected)
  })
})
