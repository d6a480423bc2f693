// Go judges the other side.
//
//	judge client CASES PORTS
//	judge server CASES CHAIN KEY
//
// As judge.py does.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

const patience = 60 * time.Second

type question struct{ name, host, anchors string }

func main() {
	role, cases := os.Args[1], []question{}
	for _, line := range lines(os.Args[2]) {
		fields := strings.Split(line, "\t")
		cases = append(cases, question{fields[0], fields[1], fields[5]})
	}
	if role == "client" {
		ports := map[string]string{}
		for _, line := range lines(os.Args[3]) {
			name, port, _ := strings.Cut(line, "\t")
			ports[name] = port
		}
		for _, one := range cases {
			say(one, judgeServer(one, ports[one.name]))
		}
		return
	}
	judgeClients(cases, os.Args[3], os.Args[4])
}

func judgeServer(one question, port string) error {
	anchors, err := pool(one.anchors)
	if err != nil {
		return err
	}
	dialer := &net.Dialer{Timeout: patience}
	connection, err := tls.DialWithDialer(dialer, "tcp", "127.0.0.1:"+port, &tls.Config{RootCAs: anchors, ServerName: one.host})
	if err != nil {
		return err
	}
	defer connection.Close()
	_, err = connection.Write([]byte("x"))
	return err
}

func judgeClients(cases []question, chain, key string) {
	own, err := tls.LoadX509KeyPair(chain, key)
	if err != nil {
		panic(err)
	}
	verdicts := make([]chan error, len(cases))
	for at, one := range cases {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		verdicts[at] = make(chan error, 1)
		fmt.Printf("%s\t%d\n", one.name, listener.Addr().(*net.TCPAddr).Port)
		go func() { verdicts[at] <- judgeClient(listener, one, own) }()
	}
	fmt.Println()
	for at, one := range cases {
		say(one, <-verdicts[at])
	}
}

func judgeClient(listener net.Listener, one question, own tls.Certificate) error {
	defer listener.Close()
	anchors, err := pool(one.anchors)
	if err != nil {
		return err
	}
	plain, err := listener.Accept()
	if err != nil {
		return err
	}
	defer plain.Close()
	plain.SetDeadline(time.Now().Add(patience))
	config := &tls.Config{Certificates: []tls.Certificate{own}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: anchors}
	return tls.Server(plain, config).Handshake()
}

// A certificate that cannot be parsed is left out, as by most who read such a file.
func pool(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	anchors := x509.NewCertPool()
	anchors.AppendCertsFromPEM(pem)
	return anchors, nil
}

func say(one question, err error) {
	message := ""
	if err != nil {
		message = strings.Join(strings.Fields(err.Error()), " ")
	}
	fmt.Printf("%s\t%s\n", one.name, message)
}

func lines(file string) []string {
	text, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}
