"""The mini-languages in which libraries write conditions: one reader a module, named by table rows."""
