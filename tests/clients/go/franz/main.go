// Writes and reads records with franz-go, on the package that `config franz-go` has printed alone.
package main

import (
	"context"
	"errors"

	"kafka-certgen/clients/kafkatls"
	"kafka-certgen/clients/records"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func main() {
	records.Main(run)
}

func run(ctx context.Context, topic string, withoutCertificate bool) error {
	if withoutCertificate {
		return refused(ctx)
	}
	options, err := kafkatls.Options()
	if err != nil {
		return err
	}
	client, err := kgo.NewClient(append(options, kgo.ConsumerGroup(topic), kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	if err != nil {
		return err
	}
	defer client.Close()

	request := kmsg.NewPtrCreateTopicsRequest()
	created := kmsg.NewCreateTopicsRequestTopic()
	created.Topic, created.NumPartitions, created.ReplicationFactor = topic, 1, 1
	request.Topics = append(request.Topics, created)
	response, err := request.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	if err := kerr.ErrorForCode(response.Topics[0].ErrorCode); err != nil {
		return err
	}

	var batch []*kgo.Record
	for _, record := range records.Written() {
		batch = append(batch, &kgo.Record{Topic: topic, Key: []byte(record.Key), Value: []byte(record.Value)})
	}
	if err := client.ProduceSync(ctx, batch...).FirstErr(); err != nil {
		return err
	}

	var read []records.Record
	for len(read) < records.Count {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		fetches.EachRecord(func(record *kgo.Record) {
			read = append(read, records.Record{Key: string(record.Key), Value: string(record.Value)})
		})
	}
	return records.Check(read)
}

func refused(ctx context.Context) error {
	config, err := kafkatls.TLSConfig()
	if err != nil {
		return err
	}
	if len(config.Certificates) == 0 {
		return errors.New("the configuration has no certificate")
	}
	config.Certificates = nil
	client, err := kgo.NewClient(kgo.SeedBrokers(kafkatls.Brokers...), kgo.DialTLSConfig(config), kgo.RequestRetries(0))
	if err != nil {
		return err
	}
	defer client.Close()
	return client.Ping(ctx)
}
