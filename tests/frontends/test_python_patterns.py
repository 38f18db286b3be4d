"""`match` statements → the neutral tree."""

from __future__ import annotations

from tests.frontends.lowered import lowered, tree


def test_subject_guard_and_default() -> None:
    source = """
        match x:
            # first
            case 1 if y: a
            case _: b
    """
    assert lowered(source) == tree(
        """
        BODY SWITCH
          CONDITION NAME 'x'
          CASE CASE
            TARGET NUMBER '1'
            CONDITION NAME 'y'
            BODY BLOCK
              BODY NAME 'a'
          CASE CASE
            BODY BLOCK
              BODY NAME 'b'
        """
    )


def test_sequences_without_brackets() -> None:
    source = """
        match x, y:
            case 1, *rest: pass
            case (a, b), if c: pass
            case d | (e), *_: pass
    """
    assert lowered(source) == tree(
        """
        BODY SWITCH
          CONDITION TUPLE
            ELEMENT NAME 'x'
            ELEMENT NAME 'y'
          CASE CASE
            TARGET TUPLE
              ELEMENT NUMBER '1'
              ELEMENT SPREAD REST
                VALUE NAME 'rest'
            BODY BLOCK
          CASE CASE
            TARGET TUPLE
              ELEMENT TUPLE
                ELEMENT NAME 'a'
                ELEMENT NAME 'b'
            CONDITION NAME 'c'
            BODY BLOCK
          CASE CASE
            TARGET TUPLE
              ELEMENT BINARY '|'
                LEFT NAME 'd'
                RIGHT NAME 'e'
              ELEMENT SPREAD REST
                VALUE NAME '_'
            BODY BLOCK
        """
    )


def test_sequence_patterns() -> None:
    source = """
        match x:
            case [a, _, *rest]: pass
            case (b, c): pass
            case (d): pass
    """
    assert lowered(source) == tree(
        """
        BODY SWITCH
          CONDITION NAME 'x'
          CASE CASE
            TARGET LIST
              ELEMENT NAME 'a'
              ELEMENT NAME '_'
              ELEMENT SPREAD REST
                VALUE NAME 'rest'
            BODY BLOCK
          CASE CASE
            TARGET TUPLE
              ELEMENT NAME 'b'
              ELEMENT NAME 'c'
            BODY BLOCK
          CASE CASE
            TARGET NAME 'd'
            BODY BLOCK
        """
    )


def test_mapping_pattern() -> None:
    source = """
        match x:
            case {"k": v, 1: [w], -2: _, None: y, m.K: z, **rest}: a
            case {"k": {"l": v}, "m": w}: pass
            case {}: pass
    """
    assert lowered(source) == tree(
        """
        BODY SWITCH
          CONDITION NAME 'x'
          CASE CASE
            TARGET OBJECT
              ELEMENT PAIR 'k'
                VALUE NAME 'v'
              ELEMENT PAIR '1'
                VALUE LIST
                  ELEMENT NAME 'w'
              ELEMENT PAIR '-2'
                VALUE NAME '_'
              ELEMENT PAIR
                KEY CONSTANT 'null'
                VALUE NAME 'y'
              ELEMENT PAIR
                KEY ATTRIBUTE 'K'
                  OBJECT NAME 'm'
                VALUE NAME 'z'
              ELEMENT SPREAD PAIRS
                VALUE NAME 'rest'
            BODY BLOCK
              BODY NAME 'a'
          CASE CASE
            TARGET OBJECT
              ELEMENT PAIR 'k'
                VALUE OBJECT
                  ELEMENT PAIR 'l'
                    VALUE NAME 'v'
              ELEMENT PAIR 'm'
                VALUE NAME 'w'
            BODY BLOCK
          CASE CASE
            TARGET OBJECT
            BODY BLOCK
        """
    )


def test_class_pattern() -> None:
    source = """
        match x:
            case m.C(1, a=b, c=-1, d=m.E) as e: pass
            case str(): pass
    """
    assert lowered(source) == tree(
        """
        BODY SWITCH
          CONDITION NAME 'x'
          CASE CASE
            TARGET ASSIGN
              VALUE CALL
                CALLEE ATTRIBUTE 'C'
                  OBJECT NAME 'm'
                ARGUMENT NUMBER '1'
                ARGUMENT KEYWORD 'a'
                  VALUE NAME 'b'
                ARGUMENT KEYWORD 'c'
                  VALUE UNARY '-'
                    VALUE NUMBER '1'
                ARGUMENT KEYWORD 'd'
                  VALUE ATTRIBUTE 'E'
                    OBJECT NAME 'm'
              TARGET NAME 'e'
            BODY BLOCK
          CASE CASE
            TARGET CALL
              CALLEE NAME 'str'
            BODY BLOCK
        """
    )


def test_literal_patterns() -> None:
    source = """
        match x:
            case -1 | 2.5 | -1j + 2: pass
            case "a" "b" | None | True: pass
            case m.N: pass
    """
    assert lowered(source) == tree(
        """
        BODY SWITCH
          CONDITION NAME 'x'
          CASE CASE
            TARGET BINARY '|'
              LEFT UNARY '-'
                VALUE NUMBER '1'
              RIGHT NUMBER '2.5'
              RIGHT BINARY '+'
                LEFT UNARY '-'
                  VALUE NUMBER '1j'
                RIGHT NUMBER '2'
            BODY BLOCK
          CASE CASE
            TARGET BINARY '|'
              LEFT TEMPLATE
                ELEMENT STRING 'a'
                ELEMENT STRING 'b'
              RIGHT CONSTANT 'null'
              RIGHT CONSTANT 'true'
            BODY BLOCK
          CASE CASE
            TARGET ATTRIBUTE 'N'
              OBJECT NAME 'm'
            BODY BLOCK
        """
    )
