"""`python -m localstack up|stop|logs|reset`; the environment says where: PORT, AWS_PORT, STATE_DIR, DEMO, AUTH."""

import argparse
import shutil
import sys

from localstack.config import PortTaken, read_config
from localstack.process import AlreadyRunning, stop


def main() -> int:
    """Run the command of the command line."""
    parser = argparse.ArgumentParser(prog="python -m localstack", description=__doc__)
    parser.add_argument("command", choices=["up", "stop", "logs", "reset"])
    command = parser.parse_args().command
    config = read_config()
    if command == "up":
        from localstack.launcher import up

        try:
            return up(config)
        except (PortTaken, AlreadyRunning) as error:
            sys.stderr.write(f"{error}\n")
            return 1
    if command == "logs":
        from localstack.logs import follow

        return follow(config)
    print("stopped" if stop(config.pid_file) else "nothing runs")
    if command == "reset":
        shutil.rmtree(config.state, ignore_errors=True)
        print(f"removed {config.state}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
