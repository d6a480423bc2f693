module kafka-certgen/clients

go 1.23.0

require (
	github.com/IBM/sarama v1.45.2
	github.com/twmb/franz-go v1.18.1
	github.com/twmb/franz-go/pkg/kmsg v1.9.0
)
