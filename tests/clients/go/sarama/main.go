// Writes and reads records with sarama, on the package that `config sarama` has printed alone.
package main

import (
	"context"
	"errors"

	"kafka-certgen/clients/kafkatls"
	"kafka-certgen/clients/records"

	"github.com/IBM/sarama"
)

func main() {
	records.Main(run)
}

func run(ctx context.Context, topic string, withoutCertificate bool) error {
	config, err := kafkatls.Config()
	if err != nil {
		return err
	}
	if withoutCertificate {
		if len(config.Net.TLS.Config.Certificates) == 0 {
			return errors.New("the configuration has no certificate")
		}
		config.Net.TLS.Config.Certificates = nil
		config.Metadata.Retry.Max = 0
	}
	config.Producer.Return.Successes = true

	admin, err := sarama.NewClusterAdmin(kafkatls.Brokers, config)
	if err != nil {
		return err
	}
	defer admin.Close()
	if err := admin.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 1}, false); err != nil {
		return err
	}

	producer, err := sarama.NewSyncProducer(kafkatls.Brokers, config)
	if err != nil {
		return err
	}
	defer producer.Close()
	var batch []*sarama.ProducerMessage
	for _, record := range records.Written() {
		batch = append(batch, &sarama.ProducerMessage{
			Topic: topic,
			Key:   sarama.StringEncoder(record.Key),
			Value: sarama.StringEncoder(record.Value),
		})
	}
	if err := producer.SendMessages(batch); err != nil {
		return err
	}

	consumer, err := sarama.NewConsumer(kafkatls.Brokers, config)
	if err != nil {
		return err
	}
	defer consumer.Close()
	partition, err := consumer.ConsumePartition(topic, 0, sarama.OffsetOldest)
	if err != nil {
		return err
	}
	defer partition.Close()
	var read []records.Record
	for len(read) < records.Count {
		select {
		case message := <-partition.Messages():
			read = append(read, records.Record{Key: string(message.Key), Value: string(message.Value)})
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return records.Check(read)
}
