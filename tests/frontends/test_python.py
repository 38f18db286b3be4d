"""Python definitions and statements → the neutral tree."""

from __future__ import annotations

from tests.frontends.lowered import lowered, tree


def test_function_with_every_kind_of_parameter() -> None:
    assert lowered("def f(a, b: int, c=1, /, *args: str, d: int = 2, **rest: float) -> bool: ...") == tree(
        """
        BODY FUNCTION 'f'
          PARAMETER PARAMETER 'a'
          PARAMETER PARAMETER 'b'
            ANNOTATION NAME 'int'
          PARAMETER PARAMETER 'c'
            DEFAULT NUMBER '1'
          PARAMETER PARAMETER 'args' REST
            ANNOTATION NAME 'str'
          PARAMETER PARAMETER 'd'
            ANNOTATION NAME 'int'
            DEFAULT NUMBER '2'
          PARAMETER PARAMETER 'rest' PAIRS
            ANNOTATION NAME 'float'
          RETURNS NAME 'bool'
          BODY BLOCK
            BODY CONSTANT '...'
        """
    )


def test_keyword_only_marker_is_passed_over() -> None:
    assert lowered("def f(a, *, b): pass") == tree(
        """
        BODY FUNCTION 'f'
          PARAMETER PARAMETER 'a'
          PARAMETER PARAMETER 'b'
          BODY BLOCK
        """
    )


def test_asynchronous_function() -> None:
    assert lowered("async def f(): await g()") == tree(
        """
        BODY FUNCTION 'f' ASYNC
          BODY BLOCK
            BODY AWAIT
              VALUE CALL
                CALLEE NAME 'g'
        """
    )


def test_generator() -> None:
    source = """
        def f():
            x = yield a
            yield from b
            return lambda: (yield)
    """
    assert lowered(source) == tree(
        """
        BODY FUNCTION 'f' GENERATOR
          BODY BLOCK
            BODY ASSIGN
              TARGET NAME 'x'
              VALUE YIELD
                VALUE NAME 'a'
            BODY YIELD DELEGATE
              VALUE NAME 'b'
            BODY RETURN
              VALUE FUNCTION GENERATOR ARROW
                BODY YIELD
        """
    )


def test_decorators_come_first() -> None:
    source = """
        @a.b(1)
        @c
        async def f(x): pass
    """
    assert lowered(source) == tree(
        """
        BODY FUNCTION 'f' ASYNC
          DECORATOR CALL
            CALLEE ATTRIBUTE 'b'
              OBJECT NAME 'a'
            ARGUMENT NUMBER '1'
          DECORATOR NAME 'c'
          PARAMETER PARAMETER 'x'
          BODY BLOCK
        """
    )


def test_class_with_bases_and_keywords() -> None:
    assert lowered("class A(B, m.C[int], metaclass=M, *more, **options): pass") == tree(
        """
        BODY CLASS 'A'
          BASE NAME 'B'
          BASE SUBSCRIPT
            OBJECT ATTRIBUTE 'C'
              OBJECT NAME 'm'
            INDEX NAME 'int'
          BASE KEYWORD 'metaclass'
            VALUE NAME 'M'
          BASE SPREAD
            VALUE NAME 'more'
          BASE SPREAD PAIRS
            VALUE NAME 'options'
          BODY BLOCK
        """
    )


def test_methods() -> None:
    source = """
        class A:
            x: int = 1
            def f(self): pass
            if x:
                @property
                def g(self):
                    def h(): pass
            class B: pass
    """
    assert lowered(source) == tree(
        """
        BODY CLASS 'A'
          BODY BLOCK
            BODY ASSIGN
              TARGET NAME 'x'
              ANNOTATION NAME 'int'
              VALUE NUMBER '1'
            BODY FUNCTION 'f' METHOD
              PARAMETER PARAMETER 'self'
              BODY BLOCK
            BODY IF
              CONDITION NAME 'x'
              BODY BLOCK
                BODY FUNCTION 'g' METHOD
                  DECORATOR NAME 'property'
                  PARAMETER PARAMETER 'self'
                  BODY BLOCK
                    BODY FUNCTION 'h'
                      BODY BLOCK
            BODY CLASS 'B'
              BODY BLOCK
        """
    )


def test_type_parameters_are_passed_over() -> None:
    source = """
        class A[T: int](B[T]): pass
        def f[*Ts, **P](x: T) -> T: pass
        type X[T] = list[T] | None
    """
    assert lowered(source) == tree(
        """
        BODY CLASS 'A'
          BASE SUBSCRIPT
            OBJECT NAME 'B'
            INDEX NAME 'T'
          BODY BLOCK
        BODY FUNCTION 'f'
          PARAMETER PARAMETER 'x'
            ANNOTATION NAME 'T'
          RETURNS NAME 'T'
          BODY BLOCK
        BODY ALIAS 'X'
          VALUE BINARY '|'
            LEFT SUBSCRIPT
              OBJECT NAME 'list'
              INDEX NAME 'T'
            RIGHT CONSTANT 'null'
        """
    )


def test_lambda() -> None:
    assert lowered("f(lambda x, *y, z=1, **k: x)") == tree(
        """
        BODY CALL
          CALLEE NAME 'f'
          ARGUMENT FUNCTION ARROW
            PARAMETER PARAMETER 'x'
            PARAMETER PARAMETER 'y' REST
            PARAMETER PARAMETER 'z'
              DEFAULT NUMBER '1'
            PARAMETER PARAMETER 'k' PAIRS
            BODY NAME 'x'
        """
    )


def test_python_2_tuple_parameter() -> None:
    assert lowered("def f((a, b), c): pass") == tree(
        """
        BODY FUNCTION 'f'
          PARAMETER PARAMETER
            TARGET TUPLE
              ELEMENT NAME 'a'
              ELEMENT NAME 'b'
          PARAMETER PARAMETER 'c'
          BODY BLOCK
        """
    )


def test_import_is_one_node() -> None:
    source = """
        import a.b, c as d
        from . import (x as y, z)
    """
    assert lowered(source) == tree(
        """
        BODY IMPORT
        BODY IMPORT
        """
    )


def test_chained_assignment_is_one() -> None:
    assert lowered("a = b.c = d[0] = 1") == tree(
        """
        BODY ASSIGN
          TARGET NAME 'a'
          TARGET ATTRIBUTE 'c'
            OBJECT NAME 'b'
          TARGET SUBSCRIPT
            OBJECT NAME 'd'
            INDEX NUMBER '0'
          VALUE NUMBER '1'
        """
    )


def test_annotated_assignments() -> None:
    source = """
        x: int
        x: int = 1
        self.x: int = y = 1
    """
    assert lowered(source) == tree(
        """
        BODY ASSIGN
          TARGET NAME 'x'
          ANNOTATION NAME 'int'
        BODY ASSIGN
          TARGET NAME 'x'
          ANNOTATION NAME 'int'
          VALUE NUMBER '1'
        BODY ASSIGN
          TARGET ATTRIBUTE 'x'
            OBJECT NAME 'self'
          ANNOTATION NAME 'int'
          TARGET NAME 'y'
          VALUE NUMBER '1'
        """
    )


def test_augmented_assignment_names_the_operator() -> None:
    source = """
        a += 1
        b //= 2
        c |= d
    """
    assert lowered(source) == tree(
        """
        BODY ASSIGN '+'
          TARGET NAME 'a'
          VALUE NUMBER '1'
        BODY ASSIGN '//'
          TARGET NAME 'b'
          VALUE NUMBER '2'
        BODY ASSIGN '|'
          TARGET NAME 'c'
          VALUE NAME 'd'
        """
    )


def test_destructuring() -> None:
    source = """
        a, *b = c
        (d, [e, f]), g.h = i
        (j) = 1
    """
    assert lowered(source) == tree(
        """
        BODY ASSIGN
          TARGET TUPLE
            ELEMENT NAME 'a'
            ELEMENT SPREAD REST
              VALUE NAME 'b'
          VALUE NAME 'c'
        BODY ASSIGN
          TARGET TUPLE
            ELEMENT TUPLE
              ELEMENT NAME 'd'
              ELEMENT LIST
                ELEMENT NAME 'e'
                ELEMENT NAME 'f'
            ELEMENT ATTRIBUTE 'h'
              OBJECT NAME 'g'
          VALUE NAME 'i'
        BODY ASSIGN
          TARGET NAME 'j'
          VALUE NUMBER '1'
        """
    )


def test_walrus_is_an_assignment() -> None:
    assert lowered("if (n := f()) > 1: pass") == tree(
        """
        BODY IF
          CONDITION BINARY '>'
            LEFT ASSIGN
              TARGET NAME 'n'
              VALUE CALL
                CALLEE NAME 'f'
            RIGHT NUMBER '1'
          BODY BLOCK
        """
    )


def test_return_raise_delete() -> None:
    source = """
        return a, b
        return
        raise E(x) from y
        raise
        del a, b[0], (c, d)
    """
    assert lowered(source) == tree(
        """
        BODY RETURN
          VALUE TUPLE
            ELEMENT NAME 'a'
            ELEMENT NAME 'b'
        BODY RETURN
        BODY RAISE
          VALUE CALL
            CALLEE NAME 'E'
            ARGUMENT NAME 'x'
          NAME 'y'
        BODY RAISE
        BODY DELETE
          VALUE NAME 'a'
          VALUE SUBSCRIPT
            OBJECT NAME 'b'
            INDEX NUMBER '0'
          VALUE TUPLE
            ELEMENT NAME 'c'
            ELEMENT NAME 'd'
        """
    )


def test_elif_is_an_if_in_else() -> None:
    source = """
        if a: b
        elif c: d
        elif e: f
        else: g
        h
    """
    assert lowered(source) == tree(
        """
        BODY IF
          CONDITION NAME 'a'
          BODY BLOCK
            BODY NAME 'b'
          ELSE IF
            CONDITION NAME 'c'
            BODY BLOCK
              BODY NAME 'd'
            ELSE IF
              CONDITION NAME 'e'
              BODY BLOCK
                BODY NAME 'f'
              ELSE BLOCK
                BODY NAME 'g'
        BODY NAME 'h'
        """
    )


def test_elif_without_else() -> None:
    source = """
        if a:
            if b: c
            elif d: e
        elif f: g
    """
    assert lowered(source) == tree(
        """
        BODY IF
          CONDITION NAME 'a'
          BODY BLOCK
            BODY IF
              CONDITION NAME 'b'
              BODY BLOCK
                BODY NAME 'c'
              ELSE IF
                CONDITION NAME 'd'
                BODY BLOCK
                  BODY NAME 'e'
          ELSE IF
            CONDITION NAME 'f'
            BODY BLOCK
              BODY NAME 'g'
        """
    )


def test_loops() -> None:
    source = """
        for i, j in a, b:
            break
        else:
            c
        async for k in x: continue
        while y: z
        else: w
    """
    assert lowered(source) == tree(
        """
        BODY LOOP 'for'
          TARGET TUPLE
            ELEMENT NAME 'i'
            ELEMENT NAME 'j'
          ITERABLE TUPLE
            ELEMENT NAME 'a'
            ELEMENT NAME 'b'
          BODY BLOCK
            BODY BREAK
          ELSE BLOCK
            BODY NAME 'c'
        BODY LOOP 'for' ASYNC
          TARGET NAME 'k'
          ITERABLE NAME 'x'
          BODY BLOCK
            BODY CONTINUE
        BODY LOOP 'while'
          CONDITION NAME 'y'
          BODY BLOCK
            BODY NAME 'z'
          ELSE BLOCK
            BODY NAME 'w'
        """
    )


def test_try_with_all_its_clauses() -> None:
    source = """
        try: a
        except E: b
        except (F, m.G) as e: c
        except: d
        else: f
        finally: g
    """
    assert lowered(source) == tree(
        """
        BODY TRY
          BODY BLOCK
            BODY NAME 'a'
          CATCH CATCH
            ANNOTATION NAME 'E'
            BODY BLOCK
              BODY NAME 'b'
          CATCH CATCH
            ANNOTATION TUPLE
              ELEMENT NAME 'F'
              ELEMENT ATTRIBUTE 'G'
                OBJECT NAME 'm'
            TARGET NAME 'e'
            BODY BLOCK
              BODY NAME 'c'
          CATCH CATCH
            BODY BLOCK
              BODY NAME 'd'
          ELSE BLOCK
            BODY NAME 'f'
          FINALLY BLOCK
            BODY NAME 'g'
        """
    )


def test_exception_groups() -> None:
    source = """
        try: a
        except* E as e: b
    """
    assert lowered(source) == tree(
        """
        BODY TRY
          BODY BLOCK
            BODY NAME 'a'
          CATCH CATCH
            ANNOTATION NAME 'E'
            TARGET NAME 'e'
            BODY BLOCK
              BODY NAME 'b'
        """
    )


def test_several_exceptions_without_parentheses() -> None:
    source = """
        try: a
        except A, B: b
    """
    assert lowered(source) == tree(
        """
        BODY TRY
          BODY BLOCK
            BODY NAME 'a'
          CATCH CATCH
            ANNOTATION NAME 'A'
            ANNOTATION NAME 'B'
            BODY BLOCK
              BODY NAME 'b'
        """
    )


def test_with() -> None:
    source = """
        with a() as b, c: pass
        async with (d as e.f, g as (h, i)): j
        with (k() as l): m
    """
    assert lowered(source) == tree(
        """
        BODY WITH
          ITEM ITEM
            VALUE CALL
              CALLEE NAME 'a'
            TARGET NAME 'b'
          ITEM ITEM
            VALUE NAME 'c'
          BODY BLOCK
        BODY WITH ASYNC
          ITEM ITEM
            VALUE NAME 'd'
            TARGET ATTRIBUTE 'f'
              OBJECT NAME 'e'
          ITEM ITEM
            VALUE NAME 'g'
            TARGET TUPLE
              ELEMENT NAME 'h'
              ELEMENT NAME 'i'
          BODY BLOCK
            BODY NAME 'j'
        BODY WITH
          ITEM ITEM
            VALUE CALL
              CALLEE NAME 'k'
            TARGET NAME 'l'
          BODY BLOCK
            BODY NAME 'm'
        """
    )


def test_target_behind_a_conditional_context() -> None:
    source = """
        with a if b else c() as d, e: pass
        async with (f if g else h if i else j as (k, l)): pass
        try: m
        except n if o else p as q: r
    """
    assert lowered(source) == tree(
        """
        BODY WITH
          ITEM ITEM
            VALUE CONDITIONAL
              BODY NAME 'a'
              CONDITION NAME 'b'
              ELSE CALL
                CALLEE NAME 'c'
            TARGET NAME 'd'
          ITEM ITEM
            VALUE NAME 'e'
          BODY BLOCK
        BODY WITH ASYNC
          ITEM ITEM
            VALUE CONDITIONAL
              BODY NAME 'f'
              CONDITION NAME 'g'
              ELSE CONDITIONAL
                BODY NAME 'h'
                CONDITION NAME 'i'
                ELSE NAME 'j'
            TARGET TUPLE
              ELEMENT NAME 'k'
              ELEMENT NAME 'l'
          BODY BLOCK
        BODY TRY
          BODY BLOCK
            BODY NAME 'm'
          CATCH CATCH
            ANNOTATION CONDITIONAL
              BODY NAME 'n'
              CONDITION NAME 'o'
              ELSE NAME 'p'
            TARGET NAME 'q'
            BODY BLOCK
              BODY NAME 'r'
        """
    )


def test_type_of_a_value_is_called() -> None:
    source = """
        type(a).b = c
        type(a)[0] = type(d).e = f()
    """
    assert lowered(source) == tree(
        """
        BODY ASSIGN
          TARGET ATTRIBUTE 'b'
            OBJECT CALL
              CALLEE NAME 'type'
              ARGUMENT NAME 'a'
          VALUE NAME 'c'
        BODY ASSIGN
          TARGET SUBSCRIPT
            OBJECT CALL
              CALLEE NAME 'type'
              ARGUMENT NAME 'a'
            INDEX NUMBER '0'
          TARGET ATTRIBUTE 'e'
            OBJECT CALL
              CALLEE NAME 'type'
              ARGUMENT NAME 'd'
          VALUE CALL
            CALLEE NAME 'f'
        """
    )


def test_opaque_statements() -> None:
    source = """
        assert a, b()
        global x, y
        nonlocal z
        print >>f, "a" % b
        exec "c" in d
    """
    assert lowered(source) == tree(
        """
        BODY OPAQUE 'assert'
          NAME 'a'
          CALL
            CALLEE NAME 'b'
        BODY OPAQUE 'global'
          NAME 'x'
          NAME 'y'
        BODY OPAQUE 'nonlocal'
          NAME 'z'
        BODY OPAQUE 'print'
          NAME 'f'
          BINARY '%'
            LEFT STRING 'a'
            RIGHT NAME 'b'
        BODY OPAQUE 'exec'
          STRING 'c'
          NAME 'd'
        """
    )


def test_pass_is_nothing() -> None:
    assert lowered("def f(): pass") == tree(
        """
        BODY FUNCTION 'f'
          BODY BLOCK
        """
    )


def test_comments_and_semicolons_are_nothing() -> None:
    source = """
        a; b  # c
        # d
    """
    assert lowered(source) == tree(
        """
        BODY NAME 'a'
        BODY NAME 'b'
        """
    )
