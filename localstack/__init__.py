"""The local stack: MiniStack in this process, the stack of `infra` deployed to it, the API on a port of its own.

`python -m localstack up|stop|reset`. The files that deploy the same template to LocalStack itself
are beside it (docker-compose.yml, init/).
"""
