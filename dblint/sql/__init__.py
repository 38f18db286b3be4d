"""The only room that imports sqlglot: SQL text to statements, `Query` and `Operation`."""
