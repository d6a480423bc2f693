// Writes and reads records with kafkajs, on `kafka-config.cjs` alone.
'use strict'

const { Kafka } = require('kafkajs')
const config = require('./kafka-config.cjs')
const { check, forget, main, topic, withoutCertificate, written, COUNT } = require('./records')

main(async () => {
  if (withoutCertificate) forget(config.ssl, /^(cert|key|pfx|passphrase)$/)
  const kafka = new Kafka({ ...config, retry: { retries: withoutCertificate ? 0 : 5 } })

  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] })
  await admin.disconnect()

  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, messages: written() })
  await producer.disconnect()

  const consumer = kafka.consumer({ groupId: topic })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const read = []
  await new Promise(resolve => consumer.run({
    eachMessage: async ({ message }) => {
      read.push({ key: `${message.key}`, value: `${message.value}` })
      if (read.length === COUNT) resolve()
    }
  }))
  await consumer.disconnect()
  check(read)
})
