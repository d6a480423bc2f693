// The other side of handshakes with certificates that OpenSSL would not load: presents each chain as it is, and judges nothing.
//
//	peer serve CASES
//	peer connect CASES PORTS
//
// As peer.py does.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

const patience = 60 * time.Second

func main() {
	if os.Args[1] == "serve" {
		for _, line := range lines(os.Args[2]) {
			serve(strings.Split(line, "\t"))
		}
		io.Copy(io.Discard, os.Stdin)
		return
	}
	ports := map[string]string{}
	for _, line := range lines(os.Args[3]) {
		name, port, _ := strings.Cut(line, "\t")
		ports[name] = port
	}
	for _, line := range lines(os.Args[2]) {
		fields := strings.Split(line, "\t")
		connect(fields, ports[fields[0]])
	}
}

func serve(fields []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	fmt.Printf("%s\t%d\n", fields[0], listener.Addr().(*net.TCPAddr).Port)
	config := &tls.Config{Certificates: []tls.Certificate{own(fields)}}
	go func() {
		for {
			plain, err := listener.Accept()
			check(err)
			go func() {
				defer plain.Close()
				plain.SetDeadline(time.Now().Add(patience))
				bufio.NewReader(tls.Server(plain, config)).ReadByte()
			}()
		}
	}()
}

func connect(fields []string, port string) {
	presented := own(fields)
	present := func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &presented, nil }
	config := &tls.Config{InsecureSkipVerify: true, GetClientCertificate: present}
	connection, err := tls.DialWithDialer(&net.Dialer{Timeout: patience}, "tcp", "127.0.0.1:"+port, config)
	if err == nil {
		connection.SetDeadline(time.Now().Add(patience))
		connection.Write([]byte("x"))
		_, err = io.Copy(io.Discard, connection)
		connection.Close()
	}
	fmt.Printf("%s\t%v\n", fields[0], err)
}

func own(fields []string) tls.Certificate {
	chain := [][]byte{}
	for block, rest := pem.Decode(read(fields[3])); block != nil; block, rest = pem.Decode(rest) {
		chain = append(chain, block.Bytes)
	}
	block, _ := pem.Decode(read(fields[4]))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	check(err)
	return tls.Certificate{Certificate: chain, PrivateKey: key}
}

func lines(file string) []string {
	return strings.Split(strings.TrimSuffix(string(read(file)), "\n"), "\n")
}

func read(file string) []byte {
	text, err := os.ReadFile(file)
	check(err)
	return text
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
