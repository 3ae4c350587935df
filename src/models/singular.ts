// The name of the model that a collection is for: one word in the singular, capital first.
import { collectionFor } from './plural.ts'

/** Gives the name of a class for a collection: `blog_posts` -> `BlogPost`, `categories` -> `Category`. */
export function modelFor(collection: string): string {
  const words = wordsOf(collection)
  const last = words.pop()
  if (last === undefined) return 'Collection'
  const name = [...words, singularOf(last.toLowerCase())].map(capital).join('')
  return /^\d/.test(name) ? `Collection${name}` : name
}

/** Gives the singular of a word, where one is known whose plural it is: `people` -> `person`. */
export function singularOf(word: string): string {
  if (collectionFor(word) === word && !word.endsWith('s')) return word
  return candidates(word).find(candidate => collectionFor(candidate) === word) ?? word
}

const endings: readonly (readonly [RegExp, string])[] = [
  [/people$/, 'person'],
  [/humans$/, 'human'],
  [/men$/, 'man'],
  [/children$/, 'child'],
  [/oxen$/, 'ox'],
  [/geese$/, 'goose'],
  [/mice$/, 'mouse'],
  [/lice$/, 'louse'],
  [/quizzes$/, 'quiz'],
  [/ies$/, 'y'],
  [/(ax|test)es$/, '$1is'],
  [/(alias|status|bus|x|ch|ss|sh)es$/, '$1'],
  [/(buffal|tomat|potat)oes$/, '$1o'],
  [/(matr|vert|ind)ixes$/, '$1ix'],
  [/([^f])ves$/, '$1fe'],
  [/([lr])ves$/, '$1f'],
  [/(octop|vir)i$/, '$1us'],
  [/([ti])a$/, '$1um'],
  [/ses$/, 'sis'],
  [/s$/, ''],
]

// A word may have several singulars by its ending; the plural's own rules tell which.
function candidates(word: string): readonly string[] {
  const found = endings.filter(([ending]) => ending.test(word)).map(([ending, by]) => word.replace(ending, by))
  return [...found.filter(candidate => candidate.length > 1), word]
}

function wordsOf(collection: string): string[] {
  const plain = collection.normalize('NFKD').replaceAll(/[\u0300-\u036f]/g, '')
  return plain.replaceAll(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, ' ').match(/[A-Za-z0-9]+/g) ?? []
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
