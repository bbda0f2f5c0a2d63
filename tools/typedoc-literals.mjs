// A TypeDoc plugin: what is written as a literal inside a documented type (`{ low, high }` of a range, the members of a
// closed union such as Match) is documented by the comment of that type. Interfaces and classes still have to document
// every member.
import { Converter, ReflectionKind } from 'typedoc'

/** Whether a reflection is part of a parameter's type: TypeDoc asks for no comments there. */
function inParameter(reflection) {
  for (let at = reflection; at !== undefined; at = at.parent) if (at.kindOf(ReflectionKind.Parameter)) return true
  return false
}

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    const inLiterals = project
      .getReflectionsByKind(ReflectionKind.Property)
      .filter(
        (property) =>
          property.parent?.kindOf(ReflectionKind.TypeLiteral) && !property.hasComment() && !inParameter(property),
      )
      .map((property) => property.getFullName())
    const fixed = app.options.getValue('intentionallyNotDocumented')
    app.options.setValue('intentionallyNotDocumented', [...fixed, ...new Set(inLiterals)])
  })
}
