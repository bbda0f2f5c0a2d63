import type { U32Test } from '../../model/index.ts'
import { readU32 } from '../../wire/index.ts'

/** Whether a packet, `length` bytes from its IP header at `at`, passes a test. A step behind its end does not. @linux net/netfilter/xt_u32.c u32_match_it */
export function passesU32(bytes: Uint8Array, at: number, length: number, { start, steps, ranges }: U32Test): boolean {
  if (start > length - 4) return false
  let base = 0
  let value = readU32(bytes, at + start)
  for (const step of steps) {
    switch (step.op) {
      case '&':
        value = (value & step.value) >>> 0
        break
      case '<<':
        value = step.value > 31 ? 0 : (value << step.value) >>> 0
        break
      case '>>':
        value = step.value > 31 ? 0 : value >>> step.value
        break
      case '@':
        base += value
        if (base + step.value > length - 4) return false
        value = readU32(bytes, at + base + step.value)
    }
  }
  return ranges.some(({ low, high }) => value >= low && value <= high)
}
