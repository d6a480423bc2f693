// What users of kafkajs see where TLS fails.
//
// Each line of standard input is NAME, KIND, ADDRESS, PROPERTIES, with tabs between, and is tried. All that is printed for it
// stands between the lines `begin NAME` and `end NAME`. The properties have librdkafka's names.
'use strict'

const fs = require('node:fs')
const readline = require('node:readline')
const { Kafka } = require('kafkajs')

console.error = console.log

async function main () {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [name, , address, file] = line.split('\t')
    console.log('begin', name)
    try {
      await ask(address, file)
      console.log('nothing failed')
    } catch (error) {
      console.log(error)
    }
    console.log('end', name)
  }
}

async function ask (address, file) {
  const settings = Object.fromEntries(fs.readFileSync(file, 'utf8').trimEnd().split('\n').map(line => line.split('=', 2)))
  const read = key => settings[key] && fs.readFileSync(settings[key], 'utf8')
  const ssl = settings['security.protocol'] === 'ssl' && {
    ca: read('ssl.ca.location'),
    cert: read('ssl.certificate.location'),
    key: read('ssl.key.location')
  }
  const kafka = new Kafka({ brokers: [address], ssl, connectionTimeout: 5000, requestTimeout: 5000, retry: { retries: 0 } })
  const admin = kafka.admin()
  try {
    await admin.connect()
    await admin.listTopics()
  } finally {
    await admin.disconnect()
  }
}

main()
