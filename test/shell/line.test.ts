// Lines of several commands, redirections, here-documents, variables, and what is refused by name.
import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { Shell } from '../../src/shell/index.ts'

const DEMO = Lab.load(readFileSync(new URL('../../examples/demo/ipip.yaml', import.meta.url), 'utf8'))

let shell: Shell
beforeEach(() => {
  shell = new Shell(DEMO, 'controlplane')
})
const run = (...lines: string[]): string =>
  lines
    .map((line) => shell.execute(line))
    .map(({ stdout, stderr }) => stdout + stderr)
    .join('')

describe('several commands in a line', () => {
  it.each([
    ['echo one; echo two', 'one\ntwo\n'],
    ['echo one && echo two', 'one\ntwo\n'],
    ['false && echo no; echo yes', 'yes\n'],
    ['false || echo yes', 'yes\n'],
    ['true || echo no', ''],
    ['false || false || echo third', 'third\n'],
    ['ip route | grep -q nothing || echo none', 'none\n'],
    ['ip route | grep -q tunl0 && echo there', 'there\n'],
    ['echo a;echo b # echo c', 'a\nb\n'],
    ['echo \'a;b\' "c&&d" e\\|f', 'a;b c&&d e|f\n'],
    ['echo a \\\n  b', 'a b\n'],
    ['echo a |\n grep -c a', '1\n'],
    ['echo $?', '0\n'],
    ['false; echo $?', '1\n'],
    ['false || echo $?', '1\n'],
    ["sh -c 'hostname; hostname' | wc -l", '2\n'],
    [
      'kubectl exec busybox-deployment-8c7dc8548-x6ljh -- sh -c "hostname | cut -c1-7; hostname | wc -l"',
      'busybox\n1\n',
    ],
    ['sudo hostname && echo $?', 'controlplane\n0\n'],
    ["grep . <<< 'one two'", 'one two\n'],
  ])('%s', (line, expected) => {
    expect(run(line)).toBe(expected)
  })

  it('the status of the line before is known', () => {
    expect(run('false', 'echo $?')).toBe('1\n')
  })

  it('the packets told of are those of the command that sent some', () => {
    shell.execute('ping -c 1 172.17.0.40; echo done')
    expect(shell.execute('why').stdout).toContain('172.17.0.40')
  })
})

describe('redirections', () => {
  it.each([
    [['echo one > f', 'echo two >> f', 'cat f'], 'one\ntwo\n'],
    [['echo one > f', 'echo two > f', 'cat < f'], 'two\n'],
    [['cat missing > out 2> err', 'cat out', 'cat err'], 'cat: missing: No such file or directory\n'],
    [['cat missing > both 2>&1', 'cat both'], 'cat: missing: No such file or directory\n'],
    [['cat missing &> both', 'cat both'], 'cat: missing: No such file or directory\n'],
    [['cat missing 2>/dev/null'], ''],
    [['cat missing 2>&1 | wc -l'], '1\n'],
    [['echo one | tee f | wc -l', 'cat f'], '1\none\n'],
    [['cat <<EOF > f\nspec:\n  mode: $MODE\nEOF', 'cat f'], 'spec:\n  mode: \n'],
    [['MODE=Never', 'cat <<EOF > f\nmode: $MODE "$MODE" \\$MODE\nEOF', 'cat f'], 'mode: Never "Never" $MODE\n'],
    [["cat <<'EOF' > f\nmode: $MODE\nEOF", 'cat f'], 'mode: $MODE\n'],
    [['cat <<-EOF\n\tone\n\tEOF\necho two'], 'one\ntwo\n'],
    [['cat <<A <<B\none\nA\ntwo\nB'], 'two\n'],
    [['cat < missing'], 'bash: missing: No such file or directory\n'],
    [['echo 0 > /proc/sys/net/ipv4/ip_forward', 'cat /proc/sys/net/ipv4/ip_forward'], '0\n'],
    [['echo 1 | tee /proc/sys/net/ipv4/ip_forward', 'sysctl net.ipv4.ip_forward'], '1\nnet.ipv4.ip_forward = 1\n'],
    [['echo x > a b', 'cat a'], 'x b\n'],
  ] as const)('%j', (lines, expected) => {
    expect(run(...lines)).toBe(expected)
  })

  it('hosts have files of their own', () => {
    expect(run('echo here > f', 'ssh node01', 'cat f', 'exit', 'cat f')).toBe(
      'cat: f: No such file or directory\nhere\n',
    )
  })

  it('a saved moment keeps its files', () => {
    expect(run('echo one > f', 'save then', 'echo two > f', 'back then', 'cat f')).toBe('one\n')
  })
})

describe('variables', () => {
  it.each([
    [['POD=web', 'echo $POD \u0024{POD} "$POD" \'$POD\''], 'web web web $POD\n'],
    [['HOST=$(hostname)', 'echo $HOST'], 'controlplane\n'],
    [['echo "on $(hostname | tr a-z A-Z)"'], 'on CONTROLPLANE\n'],
    [['export A="x y"', 'echo "$A"'], 'x y\n'],
    [['A=$(echo x y)', 'echo $A | wc -w'], '2\n'],
    [['A="*"', 'echo $A'], '*\n'],
    [['echo "price: 5$"'], 'price: 5$\n'],
    [['A=`hostname`; echo $A'], 'controlplane\n'],
  ] as const)('%j', (lines, expected) => {
    expect(run(...lines)).toBe(expected)
  })
})

describe('what only a shell of Linux has is refused by name', () => {
  it.each([
    ['for i in a b; do echo $i; done', '"for" is not known here'],
    ['while true; do date; done', '"while" is not known here'],
    ['if true; then date; fi', '"if" is not known here'],
    ['(echo a)', '"(" is not known here'],
    ['echo $((1+1))', '"$((" is not known here'],
    ['echo \u0024{A:-b}', '"${" is not known here'],
    ['diff <(echo a) <(echo b)', '"<(" is not known here'],
    ['date &', '"&" is not known here behind date'],
    ['ping -c 1 172.17.0.40 | tail -1 &', '"&" is not known here behind a pipe'],
    ['watch kubectl get pods', 'sleep 2; kubectl get pods'],
    ['vi pool.yaml', "sed -i 's/OLD/NEW/' pool.yaml"],
    ['cat <<EOF', 'a here-document is not closed by EOF'],
    ['; ls', 'syntax error near unexpected token'],
    ['echo a >', 'a file is missing behind a redirection'],
  ])('%s', (line, words) => {
    const { stdout, stderr, exitCode } = shell.execute(line)
    expect(stderr).toContain(words)
    expect([stdout, exitCode !== 0]).toEqual(['', true])
  })
})

describe('time', () => {
  it('sleep lets it pass, and date tells it', () => {
    const fresh = new Shell(Lab.load('', {}), 'controlplane')
    const out = (line: string): string => fresh.execute(line).stdout
    const before = Number(out('date +%s'))
    out('sleep 90')
    out('sleep 1.5m')
    expect(Number(out('date +%s')) - before).toBe(180)
    expect(out('date')).toMatch(/^Thu Jan {2}1 00:0\d:\d\d UTC 1970\n$/)
    expect(fresh.execute('sleep soon').stderr).toBe("sleep: invalid time interval 'soon'\n")
    expect(fresh.execute('date +%q').stderr).toContain('does not know %q')
  })
})
