// Receive webhooks and verify their signatures: go run receiver.go PORT SECRET. Standard library only.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

const tolerance = 300 // seconds that a delivery may be old, or our clock wrong

// verified says whether the body, as the bytes that came, was signed with the secret, and not long ago.
func verified(headers http.Header, body []byte, secret string) bool {
	key := []byte(secret)
	if strings.HasPrefix(secret, "whsec_") {
		decoded, err := base64.StdEncoding.DecodeString(secret[6:])
		if err != nil {
			return false
		}
		key = decoded
	}
	id, stamp := headers.Get("webhook-id"), headers.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	age := time.Now().Unix() - seconds
	if err != nil || age > tolerance || age < -tolerance {
		return false
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + stamp + "."))
	mac.Write(body)
	expected := []byte("v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	right := false
	for _, given := range strings.Fields(headers.Get("webhook-signature")) { // two while a key is being changed
		right = hmac.Equal(expected, []byte(given)) || right
	}
	return right
}

func main() {
	port, secret := os.Args[1], os.Args[2]
	var seen sync.Map // of a real one: a table with a unique key
	http.HandleFunc("/", func(response http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(io.LimitReader(request.Body, 1<<20))
		if err != nil || !verified(request.Header, body, secret) {
			fmt.Println("refused")
			response.WriteHeader(http.StatusUnauthorized)
			return
		}
		if _, twice := seen.LoadOrStore(request.Header.Get("webhook-id"), true); !twice { // a delivery may come twice
			var envelope struct{ Event string }
			if json.Unmarshal(body, &envelope) == nil {
				fmt.Println("verified", envelope.Event)
			}
		}
		response.WriteHeader(http.StatusNoContent)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+port, nil))
}
