/** An AS number as Calico reads it: a number of 32 bits, or two of 16 with a dot between them. Undefined when it is none. */
export function asNumberFrom(text: string): number | undefined {
  const whole = unsigned(text, 2 ** 32)
  if (whole !== undefined) return whole
  const [high, low, ...more] = text.split('.').map((part) => unsigned(part, 2 ** 16))
  return high === undefined || low === undefined || more.length > 0 ? undefined : high * 65536 + low
}

function unsigned(text: string, limit: number): number | undefined {
  const number = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN
  return number < limit ? number : undefined
}
