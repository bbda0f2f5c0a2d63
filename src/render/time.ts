/** Virtual time as tcpdump prints a time of day: `00:00:01.000250`. @param ns - nanoseconds from the start of the run */
export function timeText(ns: number): string {
  const micros = Math.floor(ns / 1000)
  const seconds = Math.floor(micros / 1_000_000)
  const two = (value: number): string => String(value).padStart(2, '0')
  const clock = `${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return `${clock}.${String(micros % 1_000_000).padStart(6, '0')}`
}
