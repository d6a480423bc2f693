// What users of Go's clients see where TLS fails.
//
// Each line of standard input is NAME, KIND, ADDRESS, PROPERTIES, with tabs between, and is tried; the kind is the client's. All that is
// printed for it stands between the lines `begin NAME` and `end NAME`. The properties have librdkafka's names.
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/IBM/sarama"
	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kgo"
)

const patience = 10 * time.Second

func main() {
	log.SetOutput(os.Stdout)
	sarama.Logger = log.New(os.Stdout, "[sarama] ", log.LstdFlags)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		fmt.Println("begin", fields[0])
		if err := ask(fields[1], fields[2], fields[3]); err != nil {
			log.Println(err)
		} else {
			fmt.Println("nothing failed")
		}
		fmt.Println("end", fields[0])
	}
}

func ask(kind, address, file string) error {
	settings, err := settingsOf(file)
	if err != nil {
		return err
	}
	config, err := tlsOf(settings)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	switch kind {
	case "kafka-go":
		transport := &kafka.Transport{TLS: config, DialTimeout: patience}
		defer transport.CloseIdleConnections()
		client := &kafka.Client{Addr: kafka.TCP(address), Transport: transport}
		_, err := client.Metadata(ctx, &kafka.MetadataRequest{})
		return err
	case "franz-go":
		options := []kgo.Opt{kgo.SeedBrokers(address), kgo.RequestRetries(0), kgo.WithLogger(kgo.BasicLogger(os.Stdout, kgo.LogLevelWarn, nil))}
		if config != nil {
			options = append(options, kgo.DialTLSConfig(config))
		}
		client, err := kgo.NewClient(options...)
		if err != nil {
			return err
		}
		defer client.Close()
		return client.Ping(ctx)
	default:
		settings := sarama.NewConfig()
		settings.Net.TLS.Enable = config != nil
		settings.Net.TLS.Config = config
		settings.Metadata.Retry.Max = 0
		client, err := sarama.NewClient([]string{address}, settings)
		if err != nil {
			return err
		}
		return client.Close()
	}
}

func tlsOf(settings map[string]string) (*tls.Config, error) {
	if settings["security.protocol"] != "ssl" {
		return nil, nil
	}
	ca, err := os.ReadFile(settings["ssl.ca.location"])
	if err != nil {
		return nil, err
	}
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AppendCertsFromPEM(ca)
	if certificate := settings["ssl.certificate.location"]; certificate != "" {
		pair, err := tls.LoadX509KeyPair(certificate, settings["ssl.key.location"])
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

func settingsOf(file string) (map[string]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	settings := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		key, value, _ := strings.Cut(line, "=")
		settings[key] = value
	}
	return settings, nil
}
