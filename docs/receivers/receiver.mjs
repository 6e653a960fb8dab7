// Receive webhooks and verify their signatures: node receiver.mjs PORT SECRET. Node only.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const TOLERANCE = 300; // seconds that a delivery may be old, or our clock wrong

/** Whether the body, as the bytes that came, was signed with the secret, and not long ago. */
export function verified(headers, body, secret) {
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : Buffer.from(secret);
  const id = headers["webhook-id"] ?? "";
  const stamp = headers["webhook-timestamp"] ?? "";
  if (!/^\d+$/.test(stamp) || Math.abs(Date.now() / 1000 - Number(stamp)) > TOLERANCE) return false;
  const expected = createHmac("sha256", key).update(`${id}.${stamp}.`).update(body).digest();
  return (headers["webhook-signature"] ?? "").split(" ").some((one) => {
    const given = Buffer.from(one.replace(/^v1,/, ""), "base64"); // two while a key is being changed
    return one.startsWith("v1,") && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

const [port, secret] = process.argv.slice(2);
const seen = new Set(); // of a real one: a table with a unique key

createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    const right = verified(request.headers, body, secret);
    const id = request.headers["webhook-id"];
    if (right && !seen.has(id)) { // a delivery may come twice
      seen.add(id);
      console.log("verified", JSON.parse(body).event);
    } else if (!right) {
      console.log("refused");
    }
    response.writeHead(right ? 204 : 401).end();
  });
}).listen(Number(port), "127.0.0.1");
