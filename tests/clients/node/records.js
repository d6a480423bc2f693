// What the programs here have in common: how they are called, and the records that they write and read back.
'use strict'

const [topic, mode] = process.argv.slice(2)

const COUNT = 1000
const MILLISECONDS = 60000

// New ones each time: a client may keep something of its own in them.
const written = () => Array.from({ length: COUNT }, (_, i) => ({ key: `${i}`, value: `${-i}` }))

function check (read) {
  read.sort((a, b) => a.key - b.key)
  if (JSON.stringify(read) !== JSON.stringify(written())) {
    throw new Error(`${read.length} records came back, and not as they were written`)
  }
  console.log(`${COUNT} records read back as written`)
}

// Takes out of a configuration what is about the client's certificate.
function forget (config, keys) {
  const found = Object.keys(config).filter(key => keys.test(key))
  if (found.length === 0) throw new Error('the configuration has no certificate')
  for (const key of found) delete config[key]
}

// Runs a program, whose clients may not end by themselves.
function main (run) {
  const late = setTimeout(() => end(new Error('nothing more happens')), 2 * MILLISECONDS)
  const end = error => {
    clearTimeout(late)
    if (error) console.error(error)
    process.exit(error ? 1 : 0)
  }
  run().then(() => end(), end)
}

module.exports = { topic, withoutCertificate: mode === 'without-certificate', written, check, forget, main, COUNT, MILLISECONDS }
