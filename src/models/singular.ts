// The name of the model that a collection is for: one word in the singular, capital first.

/** Gives the name of a class for a collection: `blog_posts` -> `BlogPost`, `categories` -> `Category`. */
export function modelFor(collection: string): string {
  const words = wordsOf(collection)
  const last = words.pop()
  if (last === undefined) return 'Collection'
  const name = [...words, singularOf(last.toLowerCase())].map(capital).join('')
  return /^\d/.test(name) ? `Collection${name}` : name
}

/** Gives the singular of an English word; one that is none, or that is unknown, is left as it is. */
export function singularOf(word: string): string {
  const rule = endings.find(([ending]) => ending.test(word))
  return rule ? word.replace(rule[0], rule[1]) : word
}

const group = (words: string, before = '') => new RegExp(`${before}(${words.replaceAll(' ', '|')})$`)

const same =
  'series species news data metadata media analytics physics mathematics status apparatus bus campus bonus census corpus ' +
  'focus genius chorus virus surplus plus bias gas lens atlas canvas alias pancreas iris aws cms css dns gps https ios js os sms'

// The first that fits decides, so that the words of each ending stand before its rule.
const endings: readonly (readonly [RegExp, string])[] = [
  [group(same, '^'), '$1'],
  [/people$/, 'person'],
  [/(^|wo|work|crafts|fire|fresh|police|sales|sports|chair|spokes)men$/, '$1man'],
  [/children$/, 'child'],
  [/^oxen$/, 'ox'],
  [/^geese$/, 'goose'],
  [/(^|door)mice$/, '$1mouse'],
  [/^lice$/, 'louse'],
  [/feet$/, 'foot'],
  [/teeth$/, 'tooth'],
  [/quizzes$/, 'quiz'],
  [/(matr|append)ices$/, '$1ix'],
  [/(vert|ind|vort)ices$/, '$1ex'],
  [/(criteri|phenomen)a$/, '$1on'],
  [/(bacteri|errat|addend|memorand|curricul|strat|symposi)a$/, '$1um'],
  [/(octop|cact|fung|nucle|radi|stimul|syllab|alumn)i$/, '$1us'],
  [/(movie|cookie|zombie|selfie|calorie|rookie|hoodie|smoothie|newbie|freebie|genie|birdie|indie|foodie)s$/, '$1'],
  [/(prairie|brownie|goalie|veggie|lingerie|reverie|^tie|^pie|^lie|^die)s$/, '$1'],
  [/ies$/, 'y'],
  [/(lea|shel|wol|hal|cal|thie|loa|scar|sel|hoo|shea|whar|^el)ves$/, '$1f'],
  [/(kni|wi|^li|afterli)ves$/, '$1fe'],
  [/(shoe|^toe|canoe|^foe|oboe)s$/, '$1'],
  [/oes$/, 'o'],
  [/(analy|paraly|cataly|dialy|diagno|progno|neuro|psycho|oa|synop|ellip|empha)ses$/, '$1sis'],
  [/(^cri|(^|hypo|paren|syn|pros|anti)the)ses$/, '$1sis'],
  [/^axes$/, 'axis'],
  [/(alia|bia|atla|canva|ga|pancrea|iri|len|christma)ses$/, '$1s'],
  [/([ao]|^|re|mis|ab|ex|exc|f|am|acc|ref|conf|dif)uses$/, '$1use'],
  [/(us|ss|sh|x|zz)es$/, '$1'],
  [/(cache|ache|niche|quiche|avalanche|creche|moustache|cliche|brioche)s$/, '$1'],
  [/ches$/, 'ch'],
  [/(menu|guru|emu|gnu|tofu)s$/, '$1'],
  [/(ss|us|is)$/, '$1'],
  [/(..)s$/, '$1'],
]

function wordsOf(collection: string): string[] {
  const plain = collection.normalize('NFKD').replaceAll(/[\u0300-\u036f]/g, '')
  return plain.replaceAll(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, ' ').match(/[A-Za-z0-9]+/g) ?? []
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
