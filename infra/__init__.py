"""What is deployed: turns the code (tables, functions, routes, saga) into the one CloudFormation template.

`python -m infra --stage dev --out DIR` packages the application, `python -m infra.deploy --stage dev` deploys it.
What is here makes the merge template that `chalice package --merge-template` lays over what Chalice generates.
Nothing is created by other means, and AWS and the local stack get the same template.
"""
