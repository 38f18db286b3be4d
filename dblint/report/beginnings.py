"""How the reports of each format begin, by which a further run knows what it may replace.

A user's own file may begin with the words of a report. So an expression asks for what only dblint writes: a place with
a rule's id, the keys of a document in their order, the driver's name; and where no beginning says it, for the end.
"""

from __future__ import annotations

_BUILTIN = r"internal-error|invalid-suppression|unused-suppression"
_RULE = rf"(?:[\w-]+/[\w-]+|{_BUILTIN})"
_FAILURE = r"(?:parse|io|internal)-error"
_STRING = r'"(?:[^"\\]|\\.)*"'
_EXTRAS = r"(?: \([^\n]*\))?"

_COUNTS = r"(?:no (?:new )?findings|\d+ (?:new )?findings? \(\d+ (?:errors?|warnings?|info)\b[^\n)]*\))"
_NOTHING = r"no (?:database code (?:found|to review)|query was understood)"
_SUMMARY = (
    rf"(?:(?:{_COUNTS}|{_NOTHING}) in \d+ files?{_EXTRAS}(?:, though they name [^\n]*)?"
    r"|0 files checked \(\d+ excluded\))(?:\n|\Z)"
)
_TABLE = r" *findings  files  severity  rule\n"
_FINDING = rf"[^\n]*:\d+:\d+ (?:error|warning|info) {_RULE} [^\n]*\n"
_ERROR = rf"(?:[^\n]* )?error {_FAILURE} [^\n]*\n"
_SOURCE = r"[^\n]+\.(?:pyi?|[cm]?[jt]s|[jt]sx|sql|prisma)"
_ROLES = "app|test|script|seed|migration|generated|vendored|example"
# A person's first line may well read like a file with its role, or a note. Such a report has a summary, which is its
# last block, or it is quiet: then it has no notes, and of files there is a list that only errors or a table follow.
_CLOSE = rf"(?s:.*\n)?\n{_SUMMARY}(?:[^\n]+\n)*\Z"
_FILES = rf"(?:{_SOURCE} (?:{_ROLES})(?:: (?:the|its) [^\n]*)?\n)+(?:\Z|\n(?:{_ERROR}|{_TABLE})|{_CLOSE})"
_NOTES = rf"(?:[^\n]* )?note [^\n]*\n{_CLOSE}"
_ENVIRONMENT = r"Environment\n  Databases  [^\n]*\n"

TEXT = rf"{_FINDING}|{_ERROR}|{_TABLE}|{_FILES}|{_SUMMARY}|{_NOTES}"
REVIEW_TEXT = rf"{_ENVIRONMENT}|{_ERROR}|{_SUMMARY}"

CONCISE = (
    rf"[^\n]*:\d+:\d+: (?:error|warning|info): [^\n]* \[{_RULE}\]\n"
    rf"|[^\n]+: (?:error|note): [^\n]* \[(?:{_FAILURE}|note)\]\n"
)
JSON = r'\{\s*"format": \d+,\s*"findings": \[\s*(?:\],\s*"diagnostics": \[|\{\s*"rule": "[^"\n]*",\s*"severity": ")'
SARIF = (
    r'\{\s*"\$schema": "[^"\n]*",\s*"version": "2\.1\.0",\s*"runs": \[\s*\{'
    r'\s*"tool": \{\s*"driver": \{\s*"name": "dblint",'
)
GITHUB = rf"::(?:error|warning|notice) title=(?:{_RULE}|{_FAILURE})(?:,(?:file|line)=[^\n]*)?::"
GITLAB = (
    rf'\[\n \{{\n  "description": {_STRING},\n  "check_name": "(?:{_RULE}|{_FAILURE})",'
    rf'\n  "fingerprint": "[0-9a-f]{{32}}",\n  "severity": "(?:critical|major|info)",'
    rf'\n  "location": \{{\n   "path": {_STRING},\n   "lines": \{{\n    "begin": \d+\n   \}}\n'
)
EMPTY_LIST = r"\[\s*\]\s*\Z"
JUNIT = r'<\?xml [^>]*>\s*<testsuites name="dblint"'
_HEADING = rf"\n(?:{_SUMMARY}|\| rule \| severity \| findings \||### Notes\n|### (?:error|warning|info) `)"
MARKDOWN = rf"## dblint\n(?:\Z|{_HEADING})"
REVIEW_MARKDOWN = rf"# dblint review\n\n(?:{_SUMMARY}|## Notes\n|## Environment\n)"
