"""The bundled rule pack, in the shape of anybody's pack: one rule per module, its path is its id."""
