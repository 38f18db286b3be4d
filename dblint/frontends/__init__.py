"""Text to `FileFacts`: one module per language. Knows no library, no dialect and no configuration."""
