// The other side of the HPKE interoperability test: Go's crypto/hpke, which shares no code with ours.
// Usage: hpke_peer PROGRAM, where PROGRAM is hpke_tool. Each seals what the other must open.
package main

import (
	"bufio"
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"encoding/hex"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
)

const rounds = 200

type tool struct {
	in  *bufio.Writer
	out *bufio.Scanner
}

func start(program string) tool {
	command := exec.Command(program)
	in, err := command.StdinPipe()
	check(err)
	out, err := command.StdoutPipe()
	check(err)
	command.Stderr = os.Stderr
	check(command.Start())
	scanner := bufio.NewScanner(out)
	scanner.Buffer(nil, 1<<20)
	return tool{bufio.NewWriter(in), scanner}
}

// ask sends one line and returns the answer; nil where the tool refused.
func (t tool) ask(command string, fields ...[]byte) []byte {
	line := command
	for _, field := range fields {
		if len(field) == 0 {
			line += " -"
		} else {
			line += " " + hex.EncodeToString(field)
		}
	}
	fmt.Fprintln(t.in, line)
	check(t.in.Flush())
	if !t.out.Scan() {
		log.Fatal("hpke_tool ended")
	}
	switch answer := strings.TrimSpace(t.out.Text()); answer {
	case "refused":
		return nil
	case "-":
		return []byte{}
	default:
		decoded, err := hex.DecodeString(answer)
		check(err)
		return decoded
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func expect(holds bool, what string, round int) {
	if !holds {
		log.Fatalf("round %d: %s", round, what)
	}
}

func randomBytes(source *rand.ChaCha8, size int) []byte {
	out := make([]byte, size)
	source.Read(out)
	return out
}

func main() {
	ours := start(os.Args[1])
	source := rand.NewChaCha8([32]byte{1})
	kem, kdf, aead := hpke.DHKEM(ecdh.X25519()), hpke.HKDFSHA256(), hpke.AES256GCM()
	for round := range rounds {
		secret := randomBytes(source, 32)
		key, err := kem.NewPrivateKey(secret)
		check(err)
		info, aad, plaintext := randomBytes(source, round%40), randomBytes(source, round%7), randomBytes(source, round*3)

		encapsulated, sender, err := hpke.NewSender(key.PublicKey(), kdf, aead, info)
		check(err)
		ciphertext, err := sender.Seal(aad, plaintext)
		check(err)
		sealed := append(encapsulated, ciphertext...)
		opened := ours.ask("open", secret, info, aad, sealed)
		expect(opened != nil && bytes.Equal(opened, plaintext), "Salus does not open what Go sealed", round)
		sealed[source.Uint64()%uint64(len(sealed))] ^= 1
		expect(ours.ask("open", secret, info, aad, sealed) == nil, "Salus opens what was altered", round)

		sealed = ours.ask("seal", key.PublicKey().Bytes(), info, aad, plaintext)
		expect(len(sealed) == 32+len(plaintext)+16, "Salus seals to another size", round)
		recipient, err := hpke.NewRecipient(sealed[:32], key, kdf, aead, info)
		check(err)
		opened, err = recipient.Open(aad, sealed[32:])
		check(err)
		expect(bytes.Equal(opened, plaintext), "Go opens something else than Salus sealed", round)
	}
	fmt.Printf("%d messages each way, %d altered ones refused\n", rounds, rounds)
}
