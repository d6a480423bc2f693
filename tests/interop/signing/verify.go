// Judges certificates with Go's crypto/x509: verify FILE.
//
// Each line of FILE has, with tabs between, a root, intermediates with commas between, a certificate, and host names with commas between.
// It is answered with a line of what speaks against the certificate as a server, as a client, and its names.
package main

import (
	"bufio"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
)

func certificate(file string) (*x509.Certificate, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("there is no PEM in " + file)
	}
	return x509.ParseCertificate(block.Bytes)
}

func pool(files []string) (*x509.CertPool, error) {
	found := x509.NewCertPool()
	for _, file := range files {
		if file == "" {
			continue
		}
		ca, err := certificate(file)
		if err != nil {
			return nil, err
		}
		found.AddCert(ca)
	}
	return found, nil
}

// judge returns what speaks against a certificate as a server, as a client, and its names.
func judge(fields []string) (string, string, string, error) {
	roots, err := pool(fields[:1])
	if err != nil {
		return "", "", "", err
	}
	intermediates, err := pool(strings.Split(fields[1], ","))
	if err != nil {
		return "", "", "", err
	}
	leaf, err := certificate(fields[2])
	if err != nil {
		return "", "", "", err
	}
	verdict := func(usage x509.ExtKeyUsage) string {
		options := x509.VerifyOptions{
			Roots: roots, Intermediates: intermediates, KeyUsages: []x509.ExtKeyUsage{usage},
		}
		_, err := leaf.Verify(options)
		if err == nil && usage == x509.ExtKeyUsageServerAuth {
			for _, host := range strings.Split(fields[3], ",") {
				if err = leaf.VerifyHostname(host); err != nil {
					break
				}
			}
		}
		if err != nil {
			return strings.ReplaceAll(err.Error(), "\n", " ")
		}
		return "good"
	}
	var names []string
	for _, name := range leaf.DNSNames {
		names = append(names, "dns:"+name)
	}
	for _, address := range leaf.IPAddresses {
		names = append(names, "ip:"+address.String())
	}
	for _, other := range leaf.EmailAddresses {
		names = append(names, "email:"+other)
	}
	for _, other := range leaf.URIs {
		names = append(names, "uri:"+other.String())
	}
	return verdict(x509.ExtKeyUsageServerAuth), verdict(x509.ExtKeyUsageClientAuth), strings.Join(names, ","), nil
}

func main() {
	file, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		server, client, names, err := judge(strings.Split(lines.Text(), "\t"))
		if err != nil {
			server, client = err.Error(), err.Error()
		}
		fmt.Printf("%s\t%s\t%s\n", server, client, names)
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
}
