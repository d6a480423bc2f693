// Makes requests of Go's, sound ones and hostile ones: make_requests FOLDER.
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"log"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

var subjectAltName = asn1.ObjectIdentifier{2, 5, 29, 17}

// must ends the program if there is no value.
func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func write(folder, name string, der []byte) {
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
	must(0, os.WriteFile(filepath.Join(folder, name+".csr"), text, 0o600))
}

func request(folder, name string, key crypto.Signer, template x509.CertificateRequest) {
	write(folder, name, must(x509.CreateCertificateRequest(rand.Reader, &template, key)))
}

func sound(folder string, small crypto.Signer) {
	large := must(rsa.GenerateKey(rand.Reader, 2048))
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	must(0, err)
	all := x509.CertificateRequest{
		Subject:        pkix.Name{CommonName: "broker1.example.com", OrganizationalUnit: []string{"one", "two"}},
		DNSNames:       []string{"broker1.example.com", "*.brokers.example.com"},
		IPAddresses:    []net.IP{net.IPv4(10, 0, 0, 1), net.ParseIP("2001:db8::1")},
		EmailAddresses: []string{"ops@example.com"},
		URIs:           []*url.URL{must(url.Parse("spiffe://example.com/broker1"))},
	}
	request(folder, "go-rsa", large, all)
	request(folder, "go-p256", small, all)
	request(folder, "go-p384", must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)), all)
	request(folder, "go-p521", must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader)), all)
	request(folder, "go-ed25519", edwards, all)
	for name, algorithm := range map[string]x509.SignatureAlgorithm{
		"sha384":     x509.SHA384WithRSA,
		"sha512":     x509.SHA512WithRSA,
		"pss-sha256": x509.SHA256WithRSAPSS,
		"pss-sha384": x509.SHA384WithRSAPSS,
		"pss-sha512": x509.SHA512WithRSAPSS,
	} {
		all.SignatureAlgorithm = algorithm
		request(folder, "go-rsa-"+name, large, all)
	}
	all.SignatureAlgorithm = x509.ECDSAWithSHA512
	request(folder, "go-p256-sha512", small, all)
	request(folder, "go-name-only", small, x509.CertificateRequest{Subject: pkix.Name{CommonName: "broker1"}})
}

// generalName is one of the names in a subjectAltName.
func generalName(tag int, value string) []byte {
	name := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, Bytes: []byte(value)}
	return must(asn1.Marshal(name))
}

func hostile(folder string, small crypto.Signer) {
	const dns, address = 2, 7
	broker := pkix.Name{CommonName: "broker1.example.com"}
	alone := pkix.Extension{Id: subjectAltName}
	for name, general := range map[string][]byte{
		"blank":              generalName(dns, "a b"),
		"two-wildcards":      generalName(dns, "*.*.x"),
		"only-a-wildcard":    generalName(dns, "*"),
		"part-wildcard":      generalName(dns, "b*.example.com"),
		"empty":              generalName(dns, ""),
		"long":               generalName(dns, strings.Repeat("x.", 149)+"xx"),
		"long-label":         generalName(dns, strings.Repeat("x", 64)+".example.com"),
		"underscore":         generalName(dns, "kafka_1"),
		"address-as-dns":     generalName(dns, "10.0.0.1"),
		"ipv6-as-dns":        generalName(dns, "2001:db8::1"),
		"nul":                generalName(dns, "broker1.example.com\x00.example.org"),
		"escape":             generalName(dns, "\x1b[31mbroker1"),
		"newline":            generalName(dns, "broker1\nbroker2"),
		"empty-label":        generalName(dns, "a..example.com"),
		"hyphen-first":       generalName(dns, "-a.example.com"),
		"not-ascii":          generalName(dns, "b\u00fccher.example"),
		"five-octets":        generalName(address, "\x0a\x00\x00\x01\x00"),
		"no-octets":          generalName(address, ""),
		"address-with-mask":  generalName(address, "\x0a\x00\x00\x00\xff\x00\x00\x00"),
		"sound-then-invalid": append(generalName(dns, "broker1.example.com"), generalName(dns, "a b")...),
	} {
		names := asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: general}
		alone.Value = must(asn1.Marshal(names))
		template := x509.CertificateRequest{Subject: broker, ExtraExtensions: []pkix.Extension{alone}}
		request(folder, "san-"+name, small, template)
	}
	alone.Value = []byte("\x30\x20\x82")
	template := x509.CertificateRequest{Subject: broker, ExtraExtensions: []pkix.Extension{alone}}
	request(folder, "san-unreadable", small, template)

	names := []string{"broker1.example.com"}
	for name, text := range map[string]string{
		"newline": "broker1\nUser:admin", "escape": "broker1\x1b[2J", "nul": "broker1\x00", "bell": "broker1\x07",
		"delete": "broker1\x7f", "c1": "broker1\u009b31m",
	} {
		subject := pkix.Name{CommonName: text}
		request(folder, "cn-"+name, small, x509.CertificateRequest{Subject: subject, DNSNames: names})
		subject = pkix.Name{CommonName: "broker1", OrganizationalUnit: []string{text}}
		request(folder, "ou-"+name, small, x509.CertificateRequest{Subject: subject, DNSNames: names})
	}
	request(folder, "no-names", small, x509.CertificateRequest{})
	foreignKey(folder, small)
}

// foreignKey makes a request for an X25519 key, which cannot sign: another key has signed it.
func foreignKey(folder string, small crypto.Signer) {
	type publicKeyInfo struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	type info struct {
		Version    int
		Subject    asn1.RawValue
		PublicKey  publicKeyInfo
		Attributes []asn1.RawValue `asn1:"tag:0,set"`
	}
	type certificationRequest struct {
		Info      asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	subject := must(asn1.Marshal(pkix.Name{CommonName: "broker1.example.com"}.ToRDNSequence()))
	x25519 := pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 3, 101, 110}}
	point := make([]byte, 32)
	must(rand.Read(point))
	tbs := must(asn1.Marshal(info{
		Subject:   asn1.RawValue{FullBytes: subject},
		PublicKey: publicKeyInfo{x25519, asn1.BitString{Bytes: point, BitLength: 256}},
	}))
	digest := sha256.Sum256(tbs)
	signature := must(small.Sign(rand.Reader, digest[:], crypto.SHA256))
	ecdsaWithSHA256 := asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
	write(folder, "x25519", must(asn1.Marshal(certificationRequest{
		Info:      asn1.RawValue{FullBytes: tbs},
		Algorithm: pkix.AlgorithmIdentifier{Algorithm: ecdsaWithSHA256},
		Signature: asn1.BitString{Bytes: signature, BitLength: len(signature) * 8},
	})))
}

func main() {
	small := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	sound(os.Args[1], small)
	hostile(os.Args[1], small)
}
