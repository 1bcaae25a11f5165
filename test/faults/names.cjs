// Loaded into Satchel by NODE_OPTIONS: while the file that TORTURE_NAMES names is there, no name is found, as on a
// laptop without a network. Nothing else can make `localhost` unknown without touching the machine's own settings.
const dns = require('node:dns')
const { existsSync } = require('node:fs')

/** @type {Function} */
const lookup = dns.lookup

Object.defineProperty(dns, 'lookup', {
  /** @param {string} name @param {unknown[]} rest */
  value(name, ...rest) {
    if (!existsSync(process.env.TORTURE_NAMES ?? '')) return lookup(name, ...rest)
    const callback = /** @type {(error: Error) => void} */ (rest.at(-1))
    const error = new Error(`getaddrinfo ENOTFOUND ${name}`)
    process.nextTick(() => callback(Object.assign(error, { code: 'ENOTFOUND', hostname: name })))
  },
})
