"""The bare emulator of the benchmarks, in a process of its own: installs the engine's fast paths, then serves."""

import os
import sys

import uvicorn

from localstack import engine
from localstack.config import HOST


def main() -> None:
    """Serve on the port that is given until the process is ended."""
    print(engine.install(os.environ.get("ENGINE_FAST", "1")), flush=True)  # before MiniStack's modules are used
    from ministack.app import app

    uvicorn.run(app, host=HOST, port=int(sys.argv[1]), loop="uvloop", http="httptools", log_level="warning")


if __name__ == "__main__":
    main()
