"""`python -m localstack up|stop|reset`; the environment says where: PORT, AWS_PORT, STATE_DIR, DEMO, AUTH."""

import argparse
import shutil
import sys

from infra.local_stack import AlreadyRunning
from localstack.config import Config, PortTaken, read_config
from localstack.process import stop


def main() -> int:
    """Run the command of the command line."""
    parser = argparse.ArgumentParser(prog="python -m localstack", description=__doc__)
    parser.add_argument("command", choices=["up", "stop", "reset"])
    parser.add_argument("--yes", action="store_true", help="`reset` does not ask (YES=1)")
    arguments = parser.parse_args()
    config = read_config()
    if arguments.command == "up":
        print("starting the local stack", flush=True)  # what is imported next takes a second
        from localstack.launcher import up

        try:
            return up(config)
        except (PortTaken, AlreadyRunning) as error:
            sys.stderr.write(f"{error}\n")
            return 1
    if arguments.command == "reset" and not (arguments.yes or _agreed(config)):
        print("nothing was deleted")
        return 1
    print("stopped" if stop(config.state) else "nothing runs")
    if arguments.command == "reset":
        shutil.rmtree(config.state, ignore_errors=True)
        print(f"removed {config.state}")
    return 0


def _agreed(config: Config) -> bool:
    """Ask on a terminal before a state is deleted; without one, and without a state, there is nothing to ask."""
    if not sys.stdin.isatty() or not config.state.exists():
        return True
    return input(f"delete all data in {config.state}? [y/N] ").strip().lower() in ("y", "yes")


if __name__ == "__main__":
    sys.exit(main())
