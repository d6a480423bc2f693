// Package records has what the programs have in common: how they are called, and the records that they write and read back.
package records

import (
	"context"
	"fmt"
	"os"
	"sort"
	"strconv"
	"time"
)

// Count is how many records are written.
const Count = 1000

// Record is a key and a value.
type Record struct{ Key, Value string }

// Written returns what is written.
func Written() []Record {
	records := make([]Record, Count)
	for i := range records {
		records[i] = Record{strconv.Itoa(i), strconv.Itoa(-i)}
	}
	return records
}

// Check says that what was read is what was written, or returns an error.
func Check(read []Record) error {
	sort.Slice(read, func(i, j int) bool { return number(read[i]) < number(read[j]) })
	if fmt.Sprint(read) != fmt.Sprint(Written()) {
		return fmt.Errorf("%d records came back, and not as they were written", len(read))
	}
	fmt.Println(Count, "records read back as written")
	return nil
}

func number(record Record) int {
	number, err := strconv.Atoi(record.Key)
	if err != nil {
		return -1
	}
	return number
}

// Main runs a program that is called with a topic and maybe with `without-certificate`.
func Main(run func(ctx context.Context, topic string, withoutCertificate bool) error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	withoutCertificate := len(os.Args) > 2 && os.Args[2] == "without-certificate"
	if err := run(ctx, os.Args[1], withoutCertificate); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
