"""The vocabulary: every type that crosses a stage. Imports nothing else from dblint.

Rooms: `tree` (what a file says by itself), `text` (assembled strings), `query` (what is asked of a
database), `schema` (tables, operations, migrations), `program` (calls, functions, frames), `project`
(all of it, linked).
"""
