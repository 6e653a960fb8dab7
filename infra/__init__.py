"""The CloudFormation template of the stack, made from the code: tables, functions, routes, state machines.

`python -m infra --stage dev --out DIR` packages the application, `python -m infra.deploy --stage dev` deploys it.
The modules make the template that `chalice package --merge-template` merges over the one of Chalice.
All resources are in it; AWS and the local stack get the same template.
"""
