import log from 'electron-log/node'

/** What a log line may carry beside its words: names, counts, codes; never what a person wrote, never a secret. */
export type Facts = Readonly<Record<string, string | number | boolean | null>>

/** The log of the main process; it never throws, and holds no case content and no secret. */
export type Log = {
  info(words: string, facts?: Facts): void
  warn(words: string, facts?: Facts): void
  error(words: string, error: unknown, facts?: Facts): void
}

/** Opens the log file, which begins anew at 5 MB and keeps the one before; `loud` also shows every line on stderr. */
export function openLog(file: string, loud: boolean): Log {
  // Whoever read our output may be gone: a broken pipe must not become an exception that is logged to that pipe.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  const logger = log.create({ logId: 'main' })
  logger.transports.file.resolvePathFn = () => file
  logger.transports.file.maxSize = 5 * 1024 * 1024
  logger.transports.file.level = 'info'
  logger.transports.console.level = false
  function write(level: 'info' | 'warn' | 'error', words: string, facts: Facts): void {
    const line = Object.keys(facts).length === 0 ? words : `${words} ${JSON.stringify(facts)}`
    logger[level](line)
    if (loud) process.stderr.write(`[satchel] ${level}: ${line}\n`)
  }
  return {
    info: (words, facts = {}) => write('info', words, facts),
    warn: (words, facts = {}) => write('warn', words, facts),
    error: (words, error, facts = {}) => write('error', words, { ...facts, ...describeError(error) }),
  }
}

/**
 * What may be logged of an error: its name, its code and where it was thrown. The message only for errors of the system
 * and of SQLite, whose words are fixed: those of JSON.parse, zod and Node's own checks can quote what a person wrote.
 */
export function describeError(error: unknown): Facts {
  if (!(error instanceof Error)) return { error: typeof error }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null
  // libsql gives some errors of its own an empty code.
  const fixed = code !== null && /^(E[A-Z0-9]+|SQLITE_[A-Z_]+|)$/.test(code)
  // A message may itself hold lines, so only lines that name a place in a file count as frames.
  const frames = (error.stack ?? '')
    .replace(`${error.name}: ${error.message}`, '')
    .split('\n')
    .filter(line => /^ {4}at .*:\d+:\d+\)?$/.test(line))
  return {
    error: error.name,
    code,
    ...(fixed ? { message: error.message.slice(0, 500) } : {}),
    at: frames
      .slice(0, 8)
      .map(line => line.trim().slice(3))
      .join(' < '),
  }
}
