"""What AWS refuses, or does differently from the local engine: rules over a stage's template, each with its source.

The modules are topics; each adds its rules to `rule.RULES`.
"""

from tests.contract.aws_rules import (
    access,
    apis,
    functions,
    machines,
    messages,
    names,
    policies,
    tables,
    templates,
    watching,
)
from tests.contract.aws_rules.rule import RULES, Rule
from tests.contract.aws_rules.stack import Stack, new_stack

TOPICS = (access, apis, functions, machines, messages, names, policies, tables, templates, watching)

__all__ = ["RULES", "TOPICS", "Rule", "Stack", "new_stack"]
