// Writes and reads records with @confluentinc/kafka-javascript, on `kafka-config.cjs` alone.
'use strict'

const { Kafka } = require('@confluentinc/kafka-javascript').KafkaJS
const config = require('./kafka-config.cjs')
const { check, forget, main, topic, withoutCertificate, written, COUNT, MILLISECONDS } = require('./records')

main(async () => {
  if (withoutCertificate) forget(config, /^ssl\.(certificate|key|keystore)\./)
  const kafka = new Kafka(config)

  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], timeout: withoutCertificate ? 5000 : MILLISECONDS })
  await admin.disconnect()

  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, messages: written() })
  await producer.disconnect()

  const consumer = kafka.consumer({ 'group.id': topic, 'auto.offset.reset': 'earliest' })
  await consumer.connect()
  await consumer.subscribe({ topic })
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
