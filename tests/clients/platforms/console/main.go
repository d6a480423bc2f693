// `console CONSOLE.YAML COUNT`: reads a configuration of Redpanda Console, connects with what it says, and writes and reads records.
//
// The program is not Redpanda Console, which no package brings. It knows the keys that Console's reference names and no others, and
// connects with the library that Console connects with; of the files it makes what Console does (backend/pkg/config/tls.go).
package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"gopkg.in/yaml.v3"
)

// What is in docs/config/console.yaml of redpanda-data/console 2.8, as far as it is about brokers and TLS; 3.7's reference has the same,
// but for the passphrase, which it no longer knows.
type config struct {
	Kafka struct {
		Brokers  []string `yaml:"brokers"`
		ClientID string   `yaml:"clientId"`
		RackID   string   `yaml:"rackId"`
		TLS      struct {
			Enabled               bool   `yaml:"enabled"`
			CaFilepath            string `yaml:"caFilepath"`
			CertFilepath          string `yaml:"certFilepath"`
			KeyFilepath           string `yaml:"keyFilepath"`
			InsecureSkipTLSVerify bool   `yaml:"insecureSkipTlsVerify"`
		} `yaml:"tls"`
	} `yaml:"kafka"`
}

func main() {
	count, err := strconv.Atoi(os.Args[2])
	if err == nil {
		err = run(os.Args[1], count)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%d records read back as written\n", count)
}

func run(file string, count int) error {
	options, err := options(file)
	if err != nil {
		return err
	}
	name := make([]byte, 16)
	if _, err := rand.Read(name); err != nil {
		return err
	}
	topic := hex.EncodeToString(name)
	options = append(options, kgo.ConsumeTopics(topic), kgo.AllowAutoTopicCreation())
	client, err := kgo.NewClient(options...)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	// A client that is turned away tries again and again.
	if err := client.Ping(ctx); err != nil {
		return err
	}
	for i := range count {
		client.Produce(ctx, &kgo.Record{Topic: topic, Value: []byte(strconv.Itoa(i))}, nil)
	}
	if err := client.Flush(ctx); err != nil {
		return err
	}
	for read := 0; read < count; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		for _, record := range fetches.Records() {
			if string(record.Value) != strconv.Itoa(read) {
				return fmt.Errorf("record %d came back as %q", read, record.Value)
			}
			read++
		}
	}
	return nil
}

func options(file string) ([]kgo.Opt, error) {
	in, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var read config
	decoder := yaml.NewDecoder(in)
	decoder.KnownFields(true)
	if err := decoder.Decode(&read); err != nil {
		return nil, err
	}
	options := []kgo.Opt{kgo.SeedBrokers(read.Kafka.Brokers...), kgo.RequestRetries(0)}
	if !read.Kafka.TLS.Enabled {
		return options, nil
	}
	settings := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: read.Kafka.TLS.InsecureSkipTLSVerify}
	if path := read.Kafka.TLS.CaFilepath; path != "" {
		pem, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		settings.RootCAs = x509.NewCertPool()
		if !settings.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("there is no certificate in %s", path)
		}
	}
	if read.Kafka.TLS.CertFilepath != "" || read.Kafka.TLS.KeyFilepath != "" {
		pair, err := tls.LoadX509KeyPair(read.Kafka.TLS.CertFilepath, read.Kafka.TLS.KeyFilepath)
		if err != nil {
			return nil, err
		}
		settings.Certificates = []tls.Certificate{pair}
	}
	return append(options, kgo.DialTLSConfig(settings)), nil
}
