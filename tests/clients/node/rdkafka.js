// Writes and reads records with node-rdkafka, on `kafka-config.cjs` alone.
'use strict'

const { promisify } = require('node:util')
const { AdminClient, HighLevelProducer, KafkaConsumer } = require('node-rdkafka')
const config = require('./kafka-config.cjs')
const { check, forget, main, topic, withoutCertificate, written, COUNT, MILLISECONDS } = require('./records')

main(async () => {
  if (withoutCertificate) forget(config, /^ssl\.(certificate|key|keystore)\./)

  const producer = new HighLevelProducer(config)
  producer.on('event.log', ({ message }) => console.error(message))
  await promisify(producer.connect.bind(producer))({ timeout: withoutCertificate ? 5000 : MILLISECONDS })

  const admin = AdminClient.create(config)
  await promisify(admin.createTopic.bind(admin))({ topic, num_partitions: 1, replication_factor: 1 }, MILLISECONDS)
  admin.disconnect()

  const produce = promisify(producer.produce.bind(producer))
  await Promise.all(written().map(({ key, value }) => produce(topic, 0, Buffer.from(value), key, null)))

  const consumer = new KafkaConsumer({ ...config, 'group.id': topic }, { 'auto.offset.reset': 'earliest' })
  await promisify(consumer.connect.bind(consumer))({})
  consumer.subscribe([topic])
  const consume = promisify(consumer.consume.bind(consumer))
  const read = []
  const end = Date.now() + MILLISECONDS
  while (read.length < COUNT && Date.now() < end) {
    for (const { key, value } of await consume(500)) read.push({ key: `${key}`, value: `${value}` })
  }
  await promisify(consumer.disconnect.bind(consumer))()
  check(read)
})
