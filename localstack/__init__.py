"""The local stack: MiniStack in this process, the stack of `infra` deployed to it, the API on a port of its own.

`python -m localstack up|stop|logs|reset`. Beside it the files that deploy the same template to LocalStack itself
(docker-compose.yml, init/).
"""
