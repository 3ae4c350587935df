// Writes docs/cli.md from the commands: what each does, its examples and its own flags; or checks it with --check.
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const page = join(root, 'docs/cli.md')
const { commands } = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8'))
const list = Object.values(commands).filter(command => !command.hidden)
const everywhere = Object.keys(list[0].flags).filter(name => list.every(command => command.flags[name]))

const text = `# The command line

This page is made from the commands by \`npm run manifest\`. \`goose help filters\`, \`exit-codes\`, \`environment\`,
\`formatting\` and \`safety\` say what is true of all of them.

| command | |
| --- | --- |
${list.map(command => `| [\`${title(command)}\`](#${title(command).replaceAll(' ', '-')}) | ${command.summary} |`).join('\n')}

## Flags of every command

${flagTable(everywhere.map(name => list[0].flags[name]))}

${list.map(section).join('\n\n')}
`

if (!process.argv.includes('--check')) writeFileSync(page, text)
else if (readFileSync(page, 'utf8') !== text) {
  console.error('docs/cli.md is not current: run `npm run manifest`')
  process.exit(1)
}

function section(command) {
  const own = Object.values(command.flags).filter(flag => !everywhere.includes(flag.name))
  const args = Object.values(command.args)
  return [
    `## ${title(command)}`,
    command.summary,
    `\`\`\`\n${command.examples.map(example => `$ ${example.replace('<%= config.bin %>', 'goose')}`).join('\n')}\n\`\`\``,
    ...(args.length > 0
      ? [
          table(
            ['argument', ''],
            args.map(arg => [`\`${arg.name.toUpperCase()}\`${arg.required ? '' : ' (optional)'}`, arg.description]),
          ),
        ]
      : []),
    ...(own.length > 0 ? [flagTable(own)] : []),
  ].join('\n\n')
}

function title({ id }) {
  return id.replaceAll(':', ' ')
}

function flagTable(flags) {
  return table(
    ['flag', ''],
    flags.map(flag => [`\`${flagText(flag)}\``, meaning(flag)]),
  )
}

function flagText(flag) {
  const name = `--${flag.allowNo ? '[no-]' : ''}${flag.name}`
  const value = flag.type === 'option' ? ` ${flag.options ? flag.options.join('\\|') : (flag.helpValue ?? 'TEXT')}` : ''
  return `${flag.char ? `-${flag.char}, ` : ''}${name}${value}`
}

function meaning(flag) {
  const standard = flag.default === undefined || flag.type === 'boolean' ? '' : ` Default: ${flag.default}.`
  return `${flag.summary.replaceAll('|', '\\|')}${standard}`
}

function table(heads, rows) {
  return [
    `| ${heads.join(' | ')} |`,
    `| ${heads.map(() => '---').join(' | ')} |`,
    ...rows.map(row => `| ${row.join(' | ')} |`),
  ].join('\n')
}
