/** How a receiver verifies what it gets, in three languages; docs/receivers has whole programs. */

const python = (secret: string) => `import base64, hashlib, hmac, time

SECRET = ${secret}


def verified(headers, body: bytes) -> bool:
    """Whether the body, as the bytes that came, is signed with the secret, and not long ago."""
    key = base64.b64decode(SECRET[6:] + "==") if SECRET.startswith("whsec_") else SECRET.encode()
    number, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not stamp.isdigit() or abs(time.time() - int(stamp)) > 300:
        return False
    signed = hmac.new(key, f"{number}.{stamp}.".encode() + body, hashlib.sha256).digest()
    expected = b"v1," + base64.b64encode(signed)
    given = headers.get("webhook-signature", "").encode().split()  # two while a key is being changed
    return any(hmac.compare_digest(expected, one) for one in given)
`;

const node = (secret: string) => `import { createHmac, timingSafeEqual } from "node:crypto";

const SECRET = ${secret};

/** Whether the body, as the bytes that came, is signed with the secret, and not long ago. */
export function verified(headers, body) {
  const key = SECRET.startsWith("whsec_") ? Buffer.from(SECRET.slice(6), "base64") : Buffer.from(SECRET);
  const id = headers["webhook-id"] ?? "";
  const stamp = headers["webhook-timestamp"] ?? "";
  if (!/^\\d+$/.test(stamp) || Math.abs(Date.now() / 1000 - Number(stamp)) > 300) return false;
  const expected = createHmac("sha256", key).update(\`\${id}.\${stamp}.\`).update(body).digest();
  return (headers["webhook-signature"] ?? "").split(" ").some((one) => { // two while a key is being changed
    const given = Buffer.from(one.replace(/^v1,/, ""), "base64");
    return one.startsWith("v1,") && given.length === expected.length && timingSafeEqual(given, expected);
  });
}
`;

const go = (secret: string) => `package receiver

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const secret = ${secret}

// Verified says whether the body, as the bytes that came, is signed with the secret, and not long ago.
func Verified(headers http.Header, body []byte) bool {
	key := []byte(secret)
	if text, found := strings.CutPrefix(secret, "whsec_"); found {
		key, _ = base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	}
	stamp := headers.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if age := time.Now().Unix() - seconds; err != nil || age > 300 || age < -300 {
		return false
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(headers.Get("webhook-id") + "." + stamp + "."))
	mac.Write(body)
	expected := []byte("v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	right := false
	for _, given := range strings.Fields(headers.Get("webhook-signature")) { // two while a key is being changed
		right = hmac.Equal(expected, []byte(given)) || right
	}
	return right
}
`;

export const LANGUAGES = { Python: python, "Node.js": node, Go: go } as const;

/** The program of a language that knows the secret; a text is written in quotes alike in all three. */
export const receiver = (language: keyof typeof LANGUAGES, secret: string) =>
  LANGUAGES[language](JSON.stringify(secret));
