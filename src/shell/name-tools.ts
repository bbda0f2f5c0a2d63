import type { Host } from './host.ts'
import { nameServer, resolveName } from './resolve-name.ts'
import { failed, printed, reprinted } from './result.ts'
import type { Run } from './run.ts'

/** What became of a question: an address, or nobody answered, or nobody knows the name. */
type Answer =
  | { readonly kind: 'address'; readonly address: string; readonly name: string }
  | { readonly kind: 'silent' | 'unknown'; readonly why: string }

/** @param isTold - the name server is told, and need not be that of the machine */
function ask(host: Host, name: string, isTold = false): Answer {
  const found = resolveName(host, name, isTold)
  if ('address' in found) return { kind: 'address', address: found.address, name: fullName(host, name) }
  host.ran = found.run ?? null
  return { kind: found.run === undefined ? 'unknown' : 'silent', why: found.why }
}

/** The name that the search path made of it. */
function fullName(host: Host, text: string): string {
  const [own = ''] = host.netns.split('/')
  const bare = text
    .replace(/\.$/, '')
    .replace(/\.svc\.cluster\.local$/, '')
    .replace(/\.svc$/, '')
  const [service = '', namespace = own] = bare.split('.')
  const isService = host.lab.cluster?.resources.services.some(
    ({ metadata }) => metadata.name === service && (metadata.namespace ?? 'default') === namespace,
  )
  return isService === true ? `${service}.${namespace}.svc.cluster.local` : text
}

/** A run with other words; its packets stay those of the question. */
function told(host: Host, stdout: string, stderr: string, exitCode: number): Run {
  const run = host.ran
  const plain =
    exitCode === 0 ? printed(stdout, stderr) : { ...failed(stderr === '' ? stdout : stderr, exitCode), stdout, stderr }
  return run === null ? plain : reprinted(run, { stdout, stderr, exitCode }, exitCode === 0)
}

function remark(why: string): string {
  return `packetwalk: ${why}\n`
}

/** The name server's address, as the tools print it where nobody knows one. */
function serverOf(host: Host): string {
  return nameServer(host.lab.cluster) ?? '10.96.0.10'
}

/** A refusal of a name server that is not the cluster's: nobody else here answers questions. */
function otherServer(host: Host, tool: string, server: string): Run | undefined {
  const own = serverOf(host)
  if (server === own) return undefined
  return failed(
    `packetwalk: ${tool} asks the cluster's DNS only, ${own}: nobody at ${server} answers questions here`,
    2,
  )
}

/** `nslookup NAME [SERVER]`, as busybox prints it. */
export function nslookupCommand(host: Host, words: readonly string[]): Run {
  const [name, server, ...more] = words.slice(1)
  if (name === undefined || name.startsWith('-') || more.length > 0) return failed('packetwalk: nslookup NAME')
  const elsewhere = server === undefined ? undefined : otherServer(host, 'nslookup', server)
  if (elsewhere !== undefined) return elsewhere
  const answer = ask(host, name, server !== undefined)
  const at = serverOf(host)
  const head = host.isBusybox ? `Server:\t\t${at}\nAddress:\t${at}:53\n\n` : `Server:\t\t${at}\nAddress:\t${at}#53\n\n`
  switch (answer.kind) {
    case 'address':
      return told(host, `${head}Name:\t${answer.name}\nAddress: ${answer.address}\n\n`, '', 0)
    case 'silent':
      return told(host, ';; connection timed out; no servers could be reached\n\n', remark(answer.why), 1)
    case 'unknown':
      return told(host, `${head}** server can't find ${name}: NXDOMAIN\n\n`, remark(answer.why), 1)
  }
}

/** `dig [@SERVER] [+short] NAME`: of an answer its address. */
export function digCommand(host: Host, words: readonly string[]): Run {
  const options = words.slice(1).filter((word) => word.startsWith('+') || word.startsWith('-'))
  const server = words.find((word) => word.startsWith('@'))
  const elsewhere = server === undefined ? undefined : otherServer(host, 'dig', server.slice(1))
  if (elsewhere !== undefined) return elsewhere
  const [name, ...more] = words
    .slice(1)
    .filter((word) => word !== server && !options.includes(word) && !/^(A|IN)$/i.test(word))
  const wrong = options.find((one) => !['+short', '+noall', '+answer', '+search'].includes(one)) ?? more[0]
  if (name === undefined || wrong !== undefined)
    return failed(
      `packetwalk: dig ${wrong ?? ''} is not known here; there is dig [@SERVER] [+short|+noall +answer] [+search] NAME`,
      2,
    )
  // Without +search dig takes a name as it stands.
  const isWhole = options.includes('+search') || options.includes('+short') || name.split('.').length >= 4
  const answer: Answer = isWhole
    ? ask(host, name, server !== undefined)
    : { kind: 'unknown', why: `dig takes "${name}" as it stands: dig +search ${name}` }
  switch (answer.kind) {
    case 'address': {
      if (options.includes('+short')) return told(host, `${answer.address}\n`, '', 0)
      return told(host, `${answer.name}. 30 IN A ${answer.address}\n`, '', 0)
    }
    case 'silent':
      return told(host, ';; communications error: timed out\n;; no servers could be reached\n', remark(answer.why), 9)
    case 'unknown':
      return told(host, '', remark(answer.why), 0)
  }
}

/** `host NAME`. */
export function hostCommand(host: Host, words: readonly string[]): Run {
  const [name, ...more] = words.slice(1)
  if (name === undefined || name.startsWith('-') || more.length > 0) return failed('packetwalk: host NAME')
  const answer = ask(host, name)
  switch (answer.kind) {
    case 'address':
      return told(host, `${answer.name} has address ${answer.address}\n`, '', 0)
    case 'silent':
      return told(host, ';; connection timed out; no servers could be reached\n', remark(answer.why), 1)
    case 'unknown':
      return told(host, `Host ${name} not found: 3(NXDOMAIN)\n`, remark(answer.why), 1)
  }
}

/** `getent hosts NAME`. */
export function getentCommand(host: Host, words: readonly string[]): Run {
  const [, database = '', name] = words
  if ((database !== 'hosts' && database !== 'ahosts') || name === undefined)
    return failed(`packetwalk: getent ${database} is not known here; there is getent hosts NAME`, 2)
  const answer = ask(host, name)
  return answer.kind === 'address'
    ? told(host, `${answer.address.padEnd(15)} ${answer.name}\n`, '', 0)
    : told(host, '', remark(answer.why), 2)
}
