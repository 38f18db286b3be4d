"""dblint reviews how a code base uses its databases."""

__version__ = "0.1.0"
