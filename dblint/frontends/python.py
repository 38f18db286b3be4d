"""Python source → the neutral tree, in one pass of a tree-sitter cursor.

Where Python leaves a choice, the tree holds:

- A FUNCTION or CLASS spans from `def`, `async` or `class` on: its decorators stand before it, and are the
  only children that do not lie within their parent.
- Adjacent literals are one TEMPLATE; f-strings among them give their parts to it. Parts of a TEMPLATE and
  what an OBJECT, LIST, TUPLE or SET holds have the role ELEMENT.
- What `raise … from` names is a second child of RAISE, without a role; so are all children of an OPAQUE.
- `global` and `nonlocal` are OPAQUE with that word as value and a NAME for each name.
- Patterns of `case` are lowered like the expressions they look like: `C(x, y=1)` is a CALL, `a | b` a
  BINARY, `{"k": v}` an OBJECT, `p as x` an ASSIGN. `case _` has no TARGET; `_` elsewhere is a NAME.
- A string in an annotation that holds nothing but a type is lowered as that type. Strings below `Literal[…]`
  and behind the first argument of `Annotated[…]`, and arguments of calls, stay strings.
- Type parameters (`class A[T]`) are passed over.
"""

from __future__ import annotations

from typing import Final

from tree_sitter import Parser

from dblint.facts.tree import FileFacts, Import, Kind, Role, Tree
from dblint.frontends import interface
from dblint.frontends.python_faults import faults, remarked, suppressions
from dblint.frontends.python_grammar import LANGUAGE
from dblint.frontends.python_heading import written
from dblint.frontends.python_walk import Lowering

_PARSER: Final = Parser(LANGUAGE)


def extract(source: bytes, path: str) -> FileFacts:
    """The facts of one Python file. `source` is UTF-8, as `source.decode` gives it; offsets are offsets in it."""
    root = _PARSER.parse(source).root_node
    growth = Lowering(source, root.descendant_count + 1)
    growth.walk(root, -1, Role.NONE)
    growth.root(len(source))
    body = growth.finish()
    tree = Tree(body)
    imports = tuple(_type_only(tree, one) for one in growth.imports)
    return FileFacts(
        path,
        "python",
        interface.build(tree, imports, (), receiver_is_parameter=True),
        body,
        faults(source, root),
        suppressions(source, root),
        written(source, root),
        remarked(source, root),
    )


def _type_only(tree: Tree, one: Import) -> Import:
    """The import, marked when it stands under `if TYPE_CHECKING`."""
    node = one.node
    for above in tree.ancestors(node):
        if tree.kinds[above] == Kind.FUNCTION:
            break
        if tree.kinds[above] == Kind.IF and tree.roles[node] == Role.BODY:
            condition = tree.child(above, Role.CONDITION)
            named = condition >= 0 and tree.kinds[condition] in (Kind.NAME, Kind.ATTRIBUTE)
            if named and tree.value(condition) == "TYPE_CHECKING":
                return Import(one.module, one.name, one.local, one.node, type_only=True)
        node = above
    return one
