"""The errors that people cause, each with the exit code of the process."""

from __future__ import annotations


class FunnelcheckError(Exception):
    """One line that says what is wrong, where, and what to do; `exit_code` is the process's."""

    exit_code = 4


class UsageError(FunnelcheckError):
    """A command line, a configuration or a custom rule that cannot be used."""

    exit_code = 2


class ConfigError(UsageError):
    """A key or value of funnelcheck.toml that means nothing."""


class RuleError(UsageError):
    """A rule file whose header and SQL disagree, or that does not follow the contract."""


class BrokenRuleError(RuleError):
    """A rule of the user's own that cannot be judged by; the report says so in place of its findings."""


class InputError(FunnelcheckError):
    """A file that cannot be read at all; single bad rows are quarantined instead."""

    exit_code = 3


class StoreError(FunnelcheckError):
    """A store that is locked, damaged or not ours."""

    exit_code = 3


class OutputError(FunnelcheckError):
    """A report that could not be written."""

    exit_code = 3
