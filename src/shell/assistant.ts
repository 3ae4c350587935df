// Whether a program that acts for a person runs goose: then errors are JSON, and nobody is asked.

// Each is set by one of the assistants that run commands, or is the name several have agreed on.
const marks = [
  'AI_AGENT',
  'CLAUDECODE',
  'CURSOR_AGENT',
  'GEMINI_CLI',
  'CODEX_SANDBOX',
  'OPENCODE',
  'AUGMENT_AGENT',
  'CLINE_ACTIVE',
]

/** Says whether an assistant runs this process, with nobody at a terminal to read along. */
export function isAssistant(env: NodeJS.ProcessEnv = process.env): boolean {
  return process.stdout.isTTY !== true && marks.some(name => env[name] !== undefined && env[name] !== '')
}
