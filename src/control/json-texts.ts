/** What is read of the texts of a JSON list, as annotations have it; undefined where it is no list, or one of it is no text that can be read. */
export function jsonTexts<T>(text: string, read: (one: string) => T | undefined): readonly T[] | undefined {
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!Array.isArray(list)) return undefined
  const found = list.map((one) => (typeof one === 'string' ? read(one) : undefined))
  return found.every((one) => one !== undefined) ? found : undefined
}
