# Shell functions of the guides, for bash and zsh. In the root of the repository: . docs/shell.sh
API=${API:-http://127.0.0.1:${PORT:-8000}}
JSON='Content-Type: application/json'

# field NAME: one field of a JSON answer; `data.id`, `items.0.uuid` go deeper. Without it the whole answer is the error
field() {
  python3 -c 'import json, sys
answer = sys.stdin.read()
try:
    value = json.loads(answer)
    for name in sys.argv[1].split("."):
        value = value[int(name) if name.isdigit() else name]
except (ValueError, LookupError, TypeError):
    sys.exit(f"no {sys.argv[1]} in the answer: {answer or chr(45)}")
print(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))' "$1"
}

# await TEXT COMMAND...: runs the command until its output has the text, a minute at most; prints that output
await() {
  local text=$1 answer
  shift
  for _ in $(seq 240); do
    answer=$("$@") || true
    if [[ $answer == *"$text"* ]]; then
      printf '%s\n' "$answer"
      return
    fi
    sleep 0.25
  done
  printf 'no %s in: %s\n' "$text" "$answer" >&2
  return 1
}

# later SECONDS: the time that many seconds from now, as the API takes it
later() {
  python3 -c 'import datetime, sys
print((datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=float(sys.argv[1]))).isoformat())' "$1"
}

# listening PORT: waits until a program listens on that port of this computer, a minute at most
listening() {
  python3 -c 'import socket, sys, time
for _ in range(240):
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close()
        break
    except OSError:
        time.sleep(0.25)
else:
    sys.exit("nothing listens on port " + sys.argv[1])' "$1"
}
