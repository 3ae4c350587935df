// The name of a model's collection: lower case and plural, as users of Mongoose expect.

const uncountable = new Set(
  (
    'advice energy excretion digestion cooperation health justice labour machinery equipment information pollution sewage ' +
    'paper money species series rain rice fish sheep moose deer news expertise status media'
  ).split(' '),
)

const endings: readonly (readonly [RegExp, string])[] = [
  [/human$/, 'humans'],
  [/man$/, 'men'],
  [/person$/, 'people'],
  [/child$/, 'children'],
  [/^ox$/, 'oxen'],
  [/^goose$/, 'geese'],
  [/(ax|test)is$/, '$1es'],
  [/(octop|vir)us$/, '$1i'],
  [/(alias|status)$/, '$1es'],
  [/bus$/, 'buses'],
  [/(buffal|tomat|potat)o$/, '$1oes'],
  [/([ti])um$/, '$1a'],
  [/sis$/, 'ses'],
  [/([^f])fe$/, '$1ves'],
  [/([lr])f$/, '$1ves'],
  [/([^aeiouy]|qu)y$/, '$1ies'],
  [/(matr|vert|ind)(ix|ex)$/, '$1ices'],
  [/(x|ch|ss|sh)$/, '$1es'],
  [/([ml])ouse$/, '$1ice'],
  [/quiz$/, 'quizzes'],
  [/s$/, 's'],
  [/([^a-z])$/, '$1'],
]

/** Gives the collection for a model name: `Book` -> `books`, `Category` -> `categories`. */
export function collectionFor(model: string): string {
  const word = model.toLowerCase()
  if (uncountable.has(word)) return word
  const rule = endings.find(([ending]) => ending.test(word))
  return rule ? word.replace(rule[0], rule[1]) : `${word}s`
}
