import { renderText } from 'packetwalk'
import { type Trace, traceOf } from 'packetwalk/trace'
import { capturePinger } from './chains.ts'
import { microseconds, type Row } from './measure.ts'
import { demoPinger, type Pinger } from './pinger.ts'
import { plainPing } from './yardstick.ts'

/** The records of a ping read into a trace, and the trace told as text: a bare network, and a cluster with Felix' rules. */
export function* text(): Iterable<Row> {
  const pingers = [
    ['state of a capture (03)', capturePinger('03-ipip', 'pod65a', '192.168.196.130', true)],
    ['cluster, ipip', demoPinger('ipip', true)],
  ] as const
  for (const [words, pinger] of pingers) {
    const told = telling(pinger)
    yield timed(`${words}: records read into a trace`, pinger, () => told())
    yield timed(`${words}: read and told, a line a hop`, pinger, () => renderText(told()))
    yield timed(`${words}: read and told with reasons`, pinger, () => renderText(told(), { view: 'reasons' }))
  }
}

/** Reads the records of one ping. */
function telling({ lab, ping }: Pinger): () => Trace {
  const { recorder, network } = lab
  if (recorder === null) throw new Error('a recorder is needed')
  ping()
  return () => {
    const trace = traceOf(recorder, network)
    if (!trace.ok) throw new Error(trace.summary)
    return trace
  }
}

function timed(name: string, { lab }: Pinger, run: () => unknown): Row {
  const value = microseconds(run)
  return {
    name,
    value,
    unit: 'µs',
    ratio: value / microseconds(plainPing, 50, 100),
    note: `${lab.recorder?.length} records`,
  }
}
