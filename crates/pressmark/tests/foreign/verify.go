// Verifies an exported log and a proof file with the code of Go's checksum database, and with
// nothing of Pressmark.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run verify.go LOG-FOLDER PROOF-FILE
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// folder holds the files of a log: checkpoint, keys, tile/...
type folder string

func (f folder) Height() int                         { return 8 }
func (f folder) SaveTiles([]tlog.Tile, [][]byte)     {}
func (f folder) read(name string) ([]byte, error)    { return os.ReadFile(filepath.Join(string(f), name)) }
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		// Go's paths name the height of tiles; those of c2sp.org/tlog-tiles leave it out.
		data, err := f.read(strings.Replace(tile.Path(), "tile/8/", "tile/", 1))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// open verifies the signature of a checkpoint.
func open(checkpoint, keys []byte) tlog.Tree {
	var verifiers []note.Verifier
	for _, key := range strings.Fields(string(keys)) {
		verifier, err := note.NewVerifier(key)
		must(err)
		verifiers = append(verifiers, verifier)
	}
	opened, err := note.Open(checkpoint, note.VerifierList(verifiers...))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	return tlog.Tree{N: size, Hash: root}
}

// entries splits the bundles into the leaves.
func entries(f folder, size int64) [][]byte {
	var found [][]byte
	for n := int64(0); n*256 < size; n++ {
		tile := tlog.Tile{H: 8, L: -1, N: n, W: 256}
		if size-n*256 < 256 {
			tile.W = int(size - n*256)
		}
		data, err := f.read(strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1))
		must(err)
		for len(data) > 0 {
			length := int(binary.BigEndian.Uint16(data))
			found = append(found, data[2:2+length])
			data = data[2+length:]
		}
	}
	return found
}

func main() {
	f := folder(os.Args[1])
	keys, err := f.read("keys")
	must(err)
	checkpoint, err := f.read("checkpoint")
	must(err)
	tree := open(checkpoint, keys)
	hashes := tlog.TileHashReader(tree, f)
	leaves := entries(f, tree.N)
	if int64(len(leaves)) != tree.N {
		log.Fatalf("%d entries in a log of %d", len(leaves), tree.N)
	}
	for i, leaf := range leaves {
		proof, err := tlog.ProveRecord(tree.N, int64(i), hashes)
		must(err)
		must(tlog.CheckRecord(proof, tree.N, tree.Hash, int64(i), tlog.RecordHash(leaf)))
	}
	fmt.Printf("log: %d entries\n", tree.N)

	file, err := os.ReadFile(os.Args[2])
	must(err)
	head, signed, _ := bytes.Cut(file, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		log.Fatal("no proof file")
	}
	extra, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	must(err)
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	must(err)
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		must(err)
		proof = append(proof, hash)
	}
	tree = open(signed, keys)
	leaf, nonceAndRecord := extra[:58], extra[58:]
	must(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(leaf)))
	commitment := sha256.Sum256(nonceAndRecord)
	if !bytes.Equal(commitment[:], leaf[26:]) {
		log.Fatal("the leaf does not commit to the record")
	}
	fmt.Printf("record: %s\n", nonceAndRecord[16:])
}
